"""A walk through the rooms of a running demo: ``make tour``, or ``python -m demo.tour [URL]``; needs no library."""
