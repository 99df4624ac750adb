from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """What happened: change rows, security events, periodic jobs."""

    name = "activity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        autodiscover_modules("periodic")
