"""In place of django-oauth-toolkit's command of this name."""

from oauthapi.management.instead import Instead


class Command(Instead):
    """Says what to use instead."""

    help = "Not used here: this server takes no client metadata by URL, so there is nothing to clear."
