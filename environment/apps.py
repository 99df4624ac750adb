from django.apps import AppConfig


class EnvironmentConfig(AppConfig):
    """Contact centers, applications, options, places and devices."""

    name = "environment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate
        from django.utils.module_loading import autodiscover_modules

        from environment.installation import ensure_after_migrate

        post_migrate.connect(ensure_after_migrate, sender=self, dispatch_uid="environment.installation")
        autodiscover_modules("checks", "options", "provisioning")
