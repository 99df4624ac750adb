from django.apps import AppConfig


class OauthApiConfig(AppConfig):
    """Who gets a token, and what it says about them."""

    name = "oauthapi"
    verbose_name = "API clients and tokens"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the checks, which register themselves."""
        from oauthapi import checks  # noqa: F401 - needs the app registry
