"""HTTP only, one file for each path."""
