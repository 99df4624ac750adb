from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who exists, and how they prove it."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from accounts.backends import note_proof

        user_logged_in.connect(note_proof, dispatch_uid="deskgate-proof")
