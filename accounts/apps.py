from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who exists, and how they prove it."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
