"""The three XML services, for platforms that have a MicroApp of their own (contract face 2)."""
