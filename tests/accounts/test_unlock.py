"""``manage.py unlock``: the subjects it knows, and that the released may try at once."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.errors import ProofRefused
from accounts.models import FailureCounter, User
from accounts.selectors import Login
from accounts.services.proofs import password_prove
from activity.models import SecurityEvent
from tests.cast import PASSWORD, asking_from

Kind = FailureCounter.Kind


def counted(kind: str, subject: str) -> FailureCounter:
    ends = timezone.now() + timedelta(hours=1)
    return FailureCounter.objects.create(
        kind=kind, subject=subject, failures=10, window_ends_at=ends, locked_until=ends
    )


def prove(user: User, password: str) -> User:
    with asking_from("192.0.2.7"):
        return password_prove(login=Login.parse(str(user)), password=password, via="test").user


def test_a_locked_user_signs_in_right_after(bob: User, alice: User) -> None:
    for _ in range(10):
        with pytest.raises(ProofRefused):
            prove(bob, "wrong")
    with pytest.raises(ProofRefused):
        prove(bob, PASSWORD)
    other = counted(Kind.PAIR, f"{alice} from 192.0.2.7")
    call_command("unlock", str(bob).upper(), reason="he called", verbosity=0)
    assert prove(bob, PASSWORD) == bob
    assert FailureCounter.objects.filter(pk=other.pk).exists()
    assert SecurityEvent.objects.filter(name="lockout-released").first().detail["reason"] == "he called"  # type: ignore[union-attr]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "subject", "kind"),
    [
        (["t999\\nobody"], "t999\\nobody", Kind.ACCOUNT),
        (["--address", "192.0.2.7"], "192.0.2.7", Kind.ADDRESS),
        (["--address", "192.0.2.7"], "t1\\x from 192.0.2.7", Kind.PAIR),
        (["--address", "192.0.2.7"], "clients from 192.0.2.7", Kind.ADDRESS),
        (["--client", "desk"], "desk from 192.0.2.7", Kind.CLIENT),
        (["--credential", "IVR"], "ivr from 192.0.2.7", Kind.CREDENTIAL),
    ],
)
def test_each_subject_is_found(words: list[str], subject: str, kind: str) -> None:
    counted(kind, subject)
    kept = counted(kind, f"x{subject}x")
    call_command("unlock", *words, verbosity=0)
    assert list(FailureCounter.objects.all()) == [kept]


@pytest.mark.django_db
def test_a_name_without_failures_is_an_error() -> None:
    with pytest.raises(CommandError, match="There is no user nobody"):
        call_command("unlock", "nobody")


def test_a_counter_given_back_is_not_released(bob: User) -> None:
    FailureCounter.objects.create(
        kind="account",
        subject="t100\\bob",
        failures=0,
        window_ends_at=timezone.now(),
        contact_center=bob.contact_center,
    )
    with pytest.raises(CommandError, match="No failures"):
        call_command("unlock", "t100\\bob")
