"""Every write of this room, one file per noun."""
