"""Who a session's user is, for Django. Users are proven in ``accounts.services.proofs`` alone."""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend

from accounts.models import User


class DeskgateBackend(BaseBackend):
    """Finds the user of a session. Its ``authenticate`` (Django's own) proves nobody."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, unless disabled meanwhile."""
        user = User.objects.select_related("contact_center").filter(pk=user_id).first()
        return user if user and user.is_active else None
