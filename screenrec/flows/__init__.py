"""What each call of a desktop comes to; no HTTP of ours in here."""
