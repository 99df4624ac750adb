"""Every read of this room across tables."""
