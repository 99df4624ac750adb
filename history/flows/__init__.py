"""What one call comes to; no HTTP of ours in it."""
