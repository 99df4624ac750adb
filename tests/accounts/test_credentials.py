"""Basic credentials: proven at one hash a minute, refused on the next call when changed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import ProofRefused
from accounts.models import BasicCredential, FailureCounter, Role
from accounts.selectors import principal_of_user
from accounts.services.credentials import (
    credential_create,
    credential_delete,
    credential_prove,
    credential_rotate,
    credential_update,
    password_generate,
)
from activity.models import Change, SecurityEvent
from config.context import RequestContext, entered
from config.http.errors import Forbidden, NotFound
from environment.services import contact_center_update, option_set
from tests.cast import alter, asking_from, counted_hashes


@pytest.fixture
def credential(t100, agents) -> BasicCredential:
    return credential_create(
        BasicCredential(name="Script", contact_center=t100, role=agents), password="open-sesame-42"
    )


def proves(name: str = "Script", password: str = "open-sesame-42", address: str = "192.0.2.1") -> bool:
    with asking_from(address):
        try:
            credential_prove(name=name, password=password)
        except ProofRefused:
            return False
        return True


def test_the_pair_opens_whatever_the_names_case(credential):
    assert proves()
    assert proves("sCRIPT")
    assert not proves(password="Open-sesame-42")


def test_a_pair_is_hashed_once_a_minute(credential, monkeypatch):
    with counted_hashes(monkeypatch) as hashes:
        assert [proves() for _ in range(5)] == [True] * 5
    assert hashes.passwords == 1


@pytest.mark.parametrize("name", ["Script", "nobody"])
def test_wrong_and_unknown_cost_one_hash(credential, monkeypatch, name):
    with counted_hashes(monkeypatch) as hashes:
        assert not proves(name, "wrong")
    assert hashes.passwords == 1


@pytest.mark.parametrize("case", ["disabled", "expired", "rotated", "deleted", "contact center", "networks"])
def test_a_change_is_refused_on_the_next_call(credential, t100, case):
    assert proves()
    if case == "disabled":
        credential.enabled = False
        credential_update(credential)
    elif case == "expired":
        credential.expires_at = timezone.now() - timedelta(seconds=1)
        credential_update(credential)
    elif case == "rotated":
        credential_rotate(credential, password="another-sesame")
    elif case == "deleted":
        credential_delete(credential)
    elif case == "contact center":
        contact_center_update(t100, enabled=False)
    else:
        credential.source_networks = ["198.51.100.0/24"]
        credential_update(credential)
    assert not proves()


def test_a_rotated_credential_opens_with_the_new_password(credential):
    credential_rotate(credential, password="another-sesame")
    assert proves(password="another-sesame")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("198.51.100.7", True), ("198.51.101.7", False), ("", False), ("2001:db8::1", True), ("2001:db9::1", False)],
)
def test_source_networks_bind_it(credential, address, allowed):
    credential.source_networks = ["198.51.100.0/24", "2001:db8::/32"]
    credential_update(credential)
    assert proves(address=address) == allowed


def test_fifty_failures_lock_it_for_one_address(credential, monkeypatch):
    with monkeypatch.context() as quick:
        quick.setattr("accounts.services.credentials.check_password", lambda *_: False)
        for _ in range(50):
            assert not proves(password="wrong")
    assert not proves()
    assert proves(address="192.0.2.2")
    assert FailureCounter.objects.get(kind="credential").failures == 50


def test_an_address_that_tries_many_names_is_locked_out_of_all_and_fills_no_table(credential):
    option_set(holder=None, section="security", name="address-failures-per-10-minutes", value="3")
    for number in range(3):
        assert not proves(name=f"nobody-{number}", password="wrong")
    assert not proves()
    assert [row.subject for row in FailureCounter.objects.all()] == ["credentials from 192.0.2.1"]
    assert proves(address="192.0.2.2")


@pytest.mark.parametrize("fault", [{"enabled": False}, {"source_networks": ["10.0.0.0/8"]}])
def test_no_time_tells_the_right_password_of_a_credential_that_opens_nothing(credential, monkeypatch, fault):
    alter(credential, **fault)
    with counted_hashes(monkeypatch) as hashes:
        assert [proves(), proves(), proves(password="wrong")] == [False, False, False]
    assert hashes.passwords == 3


def test_a_credential_in_use_is_not_locked_out_by_somebody_at_another_address(credential):
    assert proves(address="192.0.2.7")
    FailureCounter.objects.create(
        kind="credential",
        subject="script from 192.0.2.1",
        failures=50,
        window_ends_at=timezone.now() + timedelta(minutes=5),
    )
    assert not proves()
    assert proves(address="192.0.2.7")


def test_the_use_is_stamped_once_a_minute(credential):
    proves()
    first = BasicCredential.objects.get().last_used_at
    proves()
    assert BasicCredential.objects.get().last_used_at == first
    assert timezone.now() - first < timedelta(seconds=30)


def test_names_are_unique_in_the_installation_whatever_their_case(credential, t200):
    role = Role.objects.create(name="R", contact_center=t200)
    with pytest.raises(ValidationError):
        credential_create(BasicCredential(name="SCRIPT", contact_center=t200, role=role), password="long-enough-1")


@pytest.mark.parametrize("name", ["a:b", "", "a\nb"])
def test_a_name_holds_no_colon_and_no_control_character(t100, agents, name):
    with pytest.raises(ValidationError):
        credential_create(BasicCredential(name=name, contact_center=t100, role=agents), password="long-enough-1")


def test_a_role_of_another_contact_center_is_refused(t200, agents):
    with pytest.raises(ValidationError):
        credential_create(BasicCredential(name="x", contact_center=t200, role=agents), password="long-enough-1")


def test_who_lacks_what_the_role_holds_makes_none(t100, alice, administrators, agents):
    from config.principal import Principal

    asker = Principal(
        kind="user",
        name="limited",
        contact_center_ids=frozenset({t100.pk}),
        privileges=frozenset({"basic-credentials:administer"}),
    )
    with entered(RequestContext(principal=asker)):
        credential_create(BasicCredential(name="low", contact_center=t100, role=agents), password="long-enough-1")
        with pytest.raises(Forbidden):
            credential_create(
                BasicCredential(name="high", contact_center=t100, role=administrators), password="long-enough-1"
            )


def test_an_ops_credential_is_the_installations_to_make(alice, root, db):
    for asker, allowed in ((alice, False), (root, True)):
        with entered(RequestContext(principal=principal_of_user(asker, proof="session"))):
            if allowed:
                credential_create(BasicCredential(name="ops"), password="long-enough-1")
            else:
                with pytest.raises(Forbidden):
                    credential_create(BasicCredential(name="ops"), password="long-enough-1")


def test_no_password_is_recorded(credential):
    credential_rotate(credential, password="hunter2-secret")
    proves(password="hunter2-wrong")
    told = str(list(Change.objects.values())) + str(list(SecurityEvent.objects.values()))
    assert "hunter2" not in told
    assert "open-sesame-42" not in told


def test_generated_passwords_have_192_bits():
    assert len(password_generate()) == 32
    assert password_generate() != password_generate()


def test_a_row_read_before_a_rotation_does_not_bring_the_old_password_back(credential):
    stale = BasicCredential.objects.get(pk=credential.pk)
    credential_rotate(credential, password="another-long-password")
    stale.source_networks = ["192.0.2.0/24"]
    credential_update(stale)
    assert not proves()
    assert proves(password="another-long-password")


def test_an_update_never_writes_a_password_whatever_the_object_holds(credential):
    kept = credential.password
    credential.password, credential.source_networks = "not a hash", ["192.0.2.0/24"]
    credential_update(credential)
    row = BasicCredential.objects.get(pk=credential.pk)
    assert (row.password, row.source_networks) == (kept, ["192.0.2.0/24"])


def test_a_remembered_pair_is_under_the_lock_too(credential):
    assert proves()
    for _ in range(50):
        assert not proves(password="wrong")
    assert not proves()


@pytest.mark.parametrize("password", ["short-one", "x" * 129, "password1234", "tab\tinside-of-it"])
def test_the_service_itself_refuses_a_weak_password(credential, t100, agents, password):
    with pytest.raises(ValidationError) as refused:
        credential_create(BasicCredential(name="weak", contact_center=t100, role=agents), password=password)
    assert list(refused.value.error_dict) == ["password"]
    with pytest.raises(ValidationError):
        credential_rotate(credential, password=password)
    assert proves()


def test_a_credential_deleted_meanwhile_is_not_there(credential):
    stale = BasicCredential.objects.get(pk=credential.pk)
    credential_delete(credential)
    for call in (lambda: credential_rotate(stale, password="another-sesame"), lambda: credential_delete(stale)):
        with pytest.raises(NotFound):
            call()
