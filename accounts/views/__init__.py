"""HTTP of this room: Basic credentials and the tokens around them (``/configuration``)."""
