from django.apps import AppConfig


class TwoFactorConfig(AppConfig):
    """Whether the second proof holds."""

    name = "twofactor"
    verbose_name = "Two-factor"
    default_auto_field = "django.db.models.BigAutoField"
