"""Measurements, one command each; the figures stand in docs/performance.md."""
