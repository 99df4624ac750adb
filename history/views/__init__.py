"""HTTP only: one file for each resource."""
