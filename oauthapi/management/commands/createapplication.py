"""In place of django-oauth-toolkit's command of this name."""

from oauthapi.management.instead import Instead


class Command(Instead):
    """Says what to use instead."""

    help = "Not used here: write API clients into a file and run manage.py provision FILE, or use the admin."
