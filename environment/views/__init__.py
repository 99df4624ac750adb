"""Views of ``/environment/v3``, one file for each endpoint."""
