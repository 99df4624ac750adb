from django.apps import AppConfig


class OauthApiConfig(AppConfig):
    """Who gets a token, and what it says about them."""

    name = "oauthapi"
    verbose_name = "API clients and tokens"
    default_auto_field = "django.db.models.BigAutoField"
