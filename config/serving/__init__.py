"""What ``manage.py serve`` is made of. ``lock`` needs nothing but the standard library: make asks it before pip ran."""
