from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """What visitors of web sites did."""

    name = "history"
    verbose_name = "Web Engagement"
    default_auto_field = "django.db.models.BigAutoField"
