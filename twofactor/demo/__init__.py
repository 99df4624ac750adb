"""What the demo has from before anybody looked at it."""
