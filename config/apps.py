"""The foundation as an app: its commands, its system checks, and no models."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the foundation's checks."""

    name = "config"
    verbose_name = "Deskgate"

    def ready(self) -> None:
        """Import the checks, which register themselves."""
        from config import checks  # noqa: F401 - needs the app registry
