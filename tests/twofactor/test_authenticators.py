"""Time-based codes against Debian's oathtool, each accepted once; recovery codes; drift; links to enrol by."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.forms.models import model_to_dict
from django.utils import timezone

from activity.models import Change, SecurityEvent
from config.context import RequestContext, entered
from config.encryption import SealBroken
from config.http.errors import Forbidden
from environment.models import ContactCenter
from tests.cast import alter, at_once
from tests.tools import needs
from tests.twofactor.customer_cast import NOW, SEED, a_customer, at, device, enrolled, two_factor
from twofactor.errors import EnrolmentOver, NoAuthenticator, WrongFirstCode
from twofactor.models import Authenticator, Customer, RecoveryCode
from twofactor.seeds import provisioning_uri, seed_groups, seed_read, seed_text, seed_unseal
from twofactor.selectors.customers import customer_of, has_authenticator
from twofactor.selectors.enrolments import pending_by
from twofactor.services.authenticators import (
    authenticator_begin,
    authenticator_reset,
    authenticator_set,
    authenticator_verify,
)
from twofactor.services.enrolments import authenticator_confirm
from twofactor.services.recovery_codes import recovery_codes_renew
from twofactor.totp import MOST_DRIFT, STEP

pytestmark = [pytest.mark.django_db, needs("oathtool")]


@pytest.fixture
def jane(t100: ContactCenter) -> Customer:
    return a_customer(t100)


def test_the_vectors_of_the_standard_are_accepted(jane: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    # RFC 6238, appendix B, the last six digits.
    vectors = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
    enrolled(jane)
    for moment, code in vectors.items():
        at(monkeypatch, moment)
        assert authenticator_verify(jane, code), moment
        Authenticator.objects.update(drift=0)


def test_oathtool_and_we_agree_at_many_times_and_for_many_seeds(
    jane: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(6238)
    for size in (16, 20, 32, 64):
        seed = chance.randbytes(size)
        enrolled(jane, seed)
        for moment in sorted(chance.sample(range(1_000_000_000, 4_000_000_000), 12)):
            at(monkeypatch, moment)
            wrong = f"{(int(device(moment, seed)) + 1) % 10**6:06d}"
            near = {device(moment, seed, ahead=step) for step in (-1, 0, 1)}
            assert wrong in near or not authenticator_verify(jane, wrong)
            assert authenticator_verify(jane, device(moment, seed))
            Authenticator.objects.update(drift=0)


def test_one_step_around_the_present_is_accepted_and_no_more(jane: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    for ahead, right in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        enrolled(jane)
        at(monkeypatch, NOW)
        assert authenticator_verify(jane, device(NOW, ahead=ahead)) is right, ahead


def test_a_step_is_accepted_once_and_an_earlier_one_never_after_it(
    jane: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(jane)
    at(monkeypatch, NOW)
    code = device(NOW)
    assert authenticator_verify(jane, code)
    assert not authenticator_verify(jane, code)
    assert not authenticator_verify(jane, device(NOW, ahead=-1))
    assert authenticator_verify(jane, device(NOW, ahead=1))


def test_a_clock_that_goes_wrong_slowly_is_followed_to_a_bound(jane: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    enrolled(jane)
    for minutes in range(1, MOST_DRIFT + 1):
        moment = NOW + minutes * 600
        at(monkeypatch, moment)
        assert authenticator_verify(jane, device(moment, ahead=minutes)), minutes
        assert Authenticator.objects.get().drift == minutes
    moment = NOW + 10_000
    at(monkeypatch, moment)
    # One step further is out of bounds; and a clock that was set right again is too far from the one remembered.
    assert not authenticator_verify(jane, device(moment, ahead=MOST_DRIFT + 1))
    assert not authenticator_verify(jane, device(moment))
    assert authenticator_verify(jane, device(moment, ahead=MOST_DRIFT))


@pytest.mark.parametrize("zero", [0xFF10, 0x0660, 0x1D7CE], ids=["full-width", "Arabic", "bold"])
def test_digits_of_other_scripts_are_no_digits(jane: Customer, monkeypatch: pytest.MonkeyPatch, zero: int) -> None:
    enrolled(jane)
    codes = recovery_codes_renew(jane)
    at(monkeypatch, NOW)
    for code in (device(NOW), codes[0]):
        assert not authenticator_verify(jane, code.translate({48 + n: zero + n for n in range(10)}))
        assert authenticator_verify(jane, code)


def test_a_code_is_of_its_exact_length(jane: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    enrolled(jane)
    moment = next(one for one in range(NOW, NOW + 3_000_000, STEP) if device(one).startswith("0"))
    at(monkeypatch, moment)
    code = device(moment)
    for wrong in ("", code[1:], f"0{code}", f" {code}", f"{code} ", f"{code}#", f"+{code[1:]}", f"{code}\n", "-" * 6):
        assert not authenticator_verify(jane, wrong), wrong
    assert authenticator_verify(jane, code)


def test_recovery_codes_open_once_each_and_not_for_somebody_else(jane: Customer, t100: ContactCenter) -> None:
    enrolled(jane)
    codes = recovery_codes_renew(jane)
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {10}
    john = a_customer(t100, "A-1002")
    enrolled(john)
    assert not authenticator_verify(john, codes[0])
    for code in codes:
        assert authenticator_verify(jane, code)
        assert not authenticator_verify(jane, code)


def test_new_recovery_codes_end_the_old_ones(jane: Customer) -> None:
    with pytest.raises(NoAuthenticator):
        recovery_codes_renew(jane)
    enrolled(jane)
    old = recovery_codes_renew(jane)
    new = recovery_codes_renew(jane)
    assert not authenticator_verify(jane, old[0])
    assert authenticator_verify(jane, new[0])
    changes = Change.objects.filter(object_id=str(Authenticator.objects.get().pk), action="update")
    assert [one.after for one in changes] == [{"recovery_codes": "changed"}] * 2


def test_neither_seed_nor_recovery_code_nor_link_stands_in_a_row_in_clear(jane: Customer) -> None:
    enrolled(jane)
    codes = recovery_codes_renew(jane)
    begun = authenticator_begin(jane)
    rows: list[Any] = [model_to_dict(row) for model in (Authenticator, RecoveryCode) for row in model.objects.all()]
    rows += [{"pk": row.pk, "seed": row.seed} for row in Authenticator.objects.all()]
    rows += list(Change.objects.values("before", "after"))
    text = json.dumps(rows, cls=DjangoJSONEncoder, default=str)
    for secret in (*codes, begun.token, seed_text(SEED), SEED.hex()):
        assert secret not in text
    assert begun.token not in repr(begun)


def test_a_seed_opens_in_its_own_row_only(jane: Customer, t100: ContactCenter, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = enrolled(jane)
    john = a_customer(t100, "A-1002")
    his = enrolled(john, b"another seed, longer")
    Authenticator.objects.filter(pk=his.pk).update(seed=mine.seed)
    with pytest.raises(SealBroken):
        seed_unseal(mine.seed, his.pk)
    at(monkeypatch, NOW)
    assert not authenticator_verify(john, device(NOW))
    assert authenticator_verify(jane, device(NOW))


def test_without_an_authenticator_no_code_is_right(jane: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOW)
    begun = authenticator_begin(jane)
    pending = seed_unseal(begun.authenticator.seed, begun.authenticator.pk)
    assert not has_authenticator(jane)
    for code in (device(NOW, pending), "0123456789"):
        assert not authenticator_verify(jane, code)


def test_a_link_confirms_its_authenticator_once_in_place_of_the_old_one(
    jane: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = enrolled(jane)
    begun = authenticator_begin(jane)
    seed = seed_unseal(begun.authenticator.seed, begun.authenticator.pk)
    at(monkeypatch, NOW)
    assert authenticator_verify(jane, device(NOW))
    with pytest.raises(WrongFirstCode):
        authenticator_confirm(begun.token, f"{(int(device(NOW, seed)) + 1) % 10**6:06d}")
    codes = authenticator_confirm(begun.token, device(NOW, seed))
    assert list(Authenticator.objects.values_list("pk", flat=True)) == [begun.authenticator.pk]
    assert not authenticator_verify(jane, device(NOW, ahead=1))
    # The first code is used up by enrolling.
    assert not authenticator_verify(jane, device(NOW, seed))
    assert authenticator_verify(jane, device(NOW, seed, ahead=1))
    assert authenticator_verify(jane, codes[9])
    with pytest.raises(EnrolmentOver):
        authenticator_confirm(begun.token, device(NOW, seed, ahead=1))
    actions = Change.objects.filter(object_type="customers").values_list("action", "object_id")
    assert ("delete", str(old.pk)) in actions
    assert ("update", str(begun.authenticator.pk)) in actions
    assert SecurityEvent.objects.filter(name="authenticator-enrolled", outcome="ok").count() == 1


def test_five_wrong_codes_end_a_link(jane: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = authenticator_begin(jane)
    seed = seed_unseal(begun.authenticator.seed, begun.authenticator.pk)
    at(monkeypatch, NOW)
    wrong = f"{(int(device(NOW, seed)) + 1) % 10**6:06d}"
    for _ in range(5):
        with pytest.raises(WrongFirstCode):
            authenticator_confirm(begun.token, wrong)
    with pytest.raises(EnrolmentOver):
        authenticator_confirm(begun.token, device(NOW, seed))


def test_a_link_ends_with_its_day_with_another_one_and_with_its_customer(jane: Customer) -> None:
    first = authenticator_begin(jane)
    assert timedelta(hours=23, minutes=59) < first.expires_at - timezone.now() <= timedelta(hours=24)
    assert pending_by(first.token) is not None
    second = authenticator_begin(jane)
    assert pending_by(first.token) is None
    alter(jane, enabled=False)
    assert pending_by(second.token) is None
    alter(jane, enabled=True)
    assert pending_by(second.token) is not None
    Authenticator.objects.update(link_expires_at=timezone.now())
    assert pending_by(second.token) is None


def test_a_reset_takes_everything_away(jane: Customer) -> None:
    enrolled(jane)
    codes = recovery_codes_renew(jane)
    begun = authenticator_begin(jane)
    assert authenticator_reset(jane)
    assert not authenticator_reset(jane)
    assert not has_authenticator(jane)
    assert pending_by(begun.token) is None
    assert not authenticator_verify(jane, codes[0])


def test_nobody_changes_authenticators_without_the_right(jane: Customer) -> None:
    calls: list[Any] = [
        lambda: authenticator_begin(jane),
        lambda: authenticator_set(jane, SEED),
        lambda: authenticator_reset(jane),
        lambda: recovery_codes_renew(jane),
    ]
    with entered(RequestContext(address="192.0.2.1")):
        for call in calls:
            with pytest.raises(Forbidden):
                call()


def test_a_customer_is_found_in_any_case_in_its_contact_center(
    jane: Customer, t100: ContactCenter, t200: ContactCenter
) -> None:
    here, there = two_factor(t100), two_factor(t200, "Other")
    assert customer_of(here, "a-1001") == jane
    assert customer_of(there, "A-1001") is None
    assert customer_of(two_factor(None, "Nobodys"), "A-1001") is None
    for strange in ("", "A-1001 ", "A-1001\x00", "A-1001\udc80", "A" * 300):
        assert customer_of(here, strange) is None
    alter(jane, enabled=False)
    assert customer_of(here, "A-1001") is None


@pytest.mark.parametrize(
    "text", ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "0" * 32, "é" * 32, "A" * 200, "=" * 32]
)
def test_what_is_no_seed_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        seed_read(text)
    assert not text or text not in str(refused.value)


def test_a_seed_is_read_as_people_write_it() -> None:
    assert seed_read(seed_groups(SEED).lower()) == SEED
    assert seed_read(seed_text(b"x" * 16) + "======") == b"x" * 16


def test_the_uri_for_apps_has_no_plus_sign_and_one_colon() -> None:
    uri = provisioning_uri(SEED, issuer="Dental: Care & Co", account="A 1001/é")
    assert uri == (
        "otpauth://totp/Dental%20%20Care%20%26%20Co:A%201001%2F%C3%A9?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Dental%20%20Care%20%26%20Co&algorithm=SHA1&digits=6&period=30"
    )


@pytest.mark.django_db(transaction=True)
def test_of_parallel_equal_codes_exactly_one_is_accepted(t100: ContactCenter, monkeypatch: pytest.MonkeyPatch) -> None:
    jane = a_customer(t100)
    enrolled(jane)
    codes = recovery_codes_renew(jane)
    for turn in range(4):
        moment = NOW + turn * 600
        at(monkeypatch, moment)
        for code in (device(moment), codes[turn]):
            assert sorted(at_once([partial(authenticator_verify, jane, code)] * 24)) == [False] * 23 + [True]


@pytest.mark.django_db(transaction=True)
def test_of_parallel_wrong_first_codes_exactly_five_are_compared(
    t100: ContactCenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    jane = a_customer(t100)
    begun = authenticator_begin(jane)
    seed = seed_unseal(begun.authenticator.seed, begun.authenticator.pk)
    at(monkeypatch, NOW)
    wrong = f"{(int(device(NOW, seed)) + 1) % 10**6:06d}"
    results = at_once([lambda: authenticator_confirm(begun.token, wrong)] * 24)
    assert sum(isinstance(one, WrongFirstCode) for one in results) == 5
    assert sum(isinstance(one, EnrolmentOver) for one in results) == 19


@pytest.mark.django_db(transaction=True)
def test_of_parallel_right_first_codes_one_enrols(t100: ContactCenter, monkeypatch: pytest.MonkeyPatch) -> None:
    jane = a_customer(t100)
    enrolled(jane)
    begun = authenticator_begin(jane)
    seed = seed_unseal(begun.authenticator.seed, begun.authenticator.pk)
    at(monkeypatch, NOW)
    results = at_once([lambda: authenticator_confirm(begun.token, device(NOW, seed))] * 5)
    assert sum(isinstance(one, list) for one in results) == 1, results
    assert sum(isinstance(one, EnrolmentOver) for one in results) == 4
    assert Authenticator.objects.count() == 1
    assert RecoveryCode.objects.count() == 10
