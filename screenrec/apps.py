from django.apps import AppConfig


class ScreenRecConfig(AppConfig):
    """The recorder's way in."""

    name = "screenrec"
    verbose_name = "Screen recording"
    default_auto_field = "django.db.models.BigAutoField"
