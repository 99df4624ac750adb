"""In place of django-oauth-toolkit's command of this name."""

from oauthapi.management.instead import Instead


class Command(Instead):
    """Says what to use instead."""

    help = "Not needed here: manage.py jobs purges ended tokens all the time; manage.py jobs --once does it now."
