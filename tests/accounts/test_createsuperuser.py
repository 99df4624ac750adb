"""``manage.py createsuperuser``: as in any Django project, for our users."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from activity.models import Change
from tests.admin_client import sign_in

pytestmark = pytest.mark.django_db


def make(username: str = "ada") -> None:
    call_command("createsuperuser", "--noinput", "--username", username, "--email", "ada@example.com", verbosity=0)


def test_it_makes_an_administrator_of_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "violet-anchor-42")
    make()
    user = User.objects.get(login_key="ada")
    assert user.is_superuser
    assert user.email == "ada@example.com"
    assert Change.objects.get(action="create").object_name == "ada"
    assert sign_in("ada", "violet-anchor-42")[1].status_code == 302


def test_without_a_password_nobody_signs_in_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SUPERUSER_PASSWORD", raising=False)
    make()
    assert not User.objects.get().has_usable_password()


def test_a_taken_name_is_refused_whatever_its_case() -> None:
    make()
    with pytest.raises(CommandError, match="already taken"):
        make("ADA")


def test_a_password_that_breaks_the_rules_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "qwerty")
    with pytest.raises(CommandError, match="at least 8 characters") as refused:
        make()
    assert "qwerty" not in str(refused.value)
    assert not User.objects.exists()


def test_the_name_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "ada")
    call_command("createsuperuser", "--noinput", "--email", "ada@example.com", verbosity=0)
    assert User.objects.filter(login_key="ada").exists()


def test_a_name_with_a_backslash_is_refused() -> None:
    with pytest.raises(CommandError, match="backslash"):
        make("t100\\ada")
