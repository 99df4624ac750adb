"""Two calls at once: one name is registered once, one credential deleted once."""

import pytest

from accounts.models import BasicCredential
from activity.models import Change
from tests.accounts.configuring import BASICAUTH, SEED, ask, bearer, register, temporary_token
from tests.cast import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_equal_registrations_make_one_credential(alice, t100, configuration_keys, wide_gate):
    token = bearer(temporary_token(alice, t100))
    calls = [lambda name=name: ask("POST", BASICAUTH, token, SEED | {"username": name}) for name in ("twin", "TWIN")]
    answers = at_once(calls)
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert next(answer for answer in answers if answer.status_code == 409).json()["code"] == "credential_exists"
    assert BasicCredential.objects.count() == 1
    assert Change.objects.filter(object_type="basic-credentials").count() == 1


def test_the_store_itself_decides_between_two(alice, t100, configuration_keys, monkeypatch):
    # Both looked for the name and found none; the second is told by the unique index.
    token = bearer(temporary_token(alice, t100))
    looked = iter([False, True])
    monkeypatch.setattr("accounts.services.registration._is_taken", lambda name: next(looked))
    monkeypatch.setattr(BasicCredential, "full_clean", lambda self: None)
    register(t100, None, "twin", encoded="x")
    answer = ask("POST", BASICAUTH, token, SEED | {"username": "Twin"})
    assert (answer.status_code, answer.json()["code"]) == (409, "credential_exists")


def test_two_deletions_at_once_delete_once(alice, t100, agents, configuration_keys):
    token = bearer(temporary_token(alice, t100))
    row = register(t100, agents)
    answers = at_once([lambda: ask("DELETE", f"{BASICAUTH}/{row.pk}", token)] * 2)
    assert sorted(answer.status_code for answer in answers) == [204, 404]
    assert Change.objects.filter(object_type="basic-credentials", action="delete").count() == 1
