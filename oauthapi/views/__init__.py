"""HTTP only, one file per endpoint."""
