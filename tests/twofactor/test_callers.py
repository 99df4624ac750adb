"""Whose proof opens which two-factor application, how callers are bound, and both in provisioning files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.models import BasicCredential, User
from accounts.principals import principal_of_credential
from accounts.selectors import principal_of_user
from accounts.services.credentials import credential_create, credential_delete
from activity.models import Change
from config.context import RequestContext, entered
from config.http.errors import Forbidden, InsufficientScope, InUse, NotFound
from config.principal import ANONYMOUS, Principal
from environment.errors import NameTaken
from environment.models import Application, ContactCenter
from environment.services import application_delete, object_save
from tests.accounts.configuring import ask as ask_configuration
from tests.accounts.configuring import temporary_token
from tests.admin_client import add, admin_of
from tests.cast import PASSWORD
from tests.twofactor.services_cast import CHECK, WORD, ask, bound, customer, key_of, machine, two_factor
from twofactor.models import Caller, CapabilityKey
from twofactor.selectors.doors import door, opener_of
from twofactor.services.callers import caller_create, caller_delete

pytestmark = pytest.mark.django_db
CALLERS = "/admin/twofactor/caller/"
KEY = "k" * 20 + "-demo_" + "1" * 20


@pytest.fixture
def bank(t100: ContactCenter) -> Application:
    return two_factor(t100)


def of(credential: BasicCredential) -> Principal:
    return principal_of_credential(credential)


def client(*contact_centers: ContactCenter, scope: str = "twofactor") -> Principal:
    """A client's own bearer."""
    own = frozenset(each.pk for each in contact_centers)
    scopes = frozenset(scope.split())
    return Principal("client", "tool", client_id="tool", scopes=scopes, contact_center_ids=own, proof="bearer")


def refused(name: str, principal: Principal) -> None:
    with pytest.raises(NotFound) as one:
        door(name, principal)
    with pytest.raises(NotFound) as other:
        door("Nowhere", principal)
    assert one.value.message == other.value.message


# --- doors ---


def test_a_bound_credential_opens_its_application(bank: Application) -> None:
    assert door("Bank", of(bound(bank))) == bank


def test_an_unbound_one_does_not_nor_an_ops_credential(bank: Application, t100: ContactCenter) -> None:
    bound(bank)
    refused("Bank", of(machine(t100, "other")))
    refused("Bank", of(credential_create(BasicCredential(name="ops"), password=PASSWORD)))


def test_it_opens_no_other_application(bank: Application, t100: ContactCenter) -> None:
    two_factor(t100, "Second")
    refused("Second", of(bound(bank)))


def test_a_credential_that_moved_away_opens_nothing(bank: Application, t200: ContactCenter) -> None:
    credential = bound(bank)
    BasicCredential.objects.filter(pk=credential.pk).update(contact_center=t200)
    credential.refresh_from_db()
    refused("Bank", of(credential))


def test_a_clients_bearer_needs_the_scope_and_the_contact_center(
    bank: Application, t100: ContactCenter, t200: ContactCenter
) -> None:
    assert door("Bank", client(t100)) == bank
    assert door("Bank", client(t100, t200, scope="* twofactor")) == bank
    refused("Bank", client(t200))
    refused("Bank", client())
    for name in ("Bank", "Nowhere"):
        with pytest.raises(InsufficientScope) as lacking:
            door(name, client(t100, scope="configuration *"))
        assert 'scope="twofactor"' in lacking.value.headers["WWW-Authenticate"]


def test_a_user_opens_nothing_even_with_the_scope(bank: Application, alice: User) -> None:
    refused("Bank", principal_of_user(alice, proof="session"))
    user = replace(principal_of_user(alice, proof="session"), proof="bearer", scopes=frozenset({"twofactor"}))
    refused("Bank", user)
    refused("Bank", ANONYMOUS)


def test_applications_of_other_kinds_and_disabled_ones_are_no_doors(bank: Application, t100: ContactCenter) -> None:
    Application.objects.create(name="Web", contact_center=t100)
    Application.objects.create(name="Shared", type=Application.Type.TWO_FACTOR)
    for name in ("Web", "Shared", "bank", ""):
        refused(name, client(t100))
    bank.enabled = False
    object_save(bank)
    refused("Bank", client(t100))


def test_openers_are_told_apart(bank: Application, alice: User, t100: ContactCenter) -> None:
    credential = bound(bank)
    asked = [of(credential), client(t100), principal_of_user(alice, proof="session")]
    assert [opener_of(each) for each in asked] == [f"credential:{credential.pk}", "client:tool", f"user:{alice.pk}"]


# --- binding ---


def test_a_binding_holds_on_the_next_call(bank: Application, t100: ContactCenter) -> None:
    customer(t100, email="ada@one.example")
    credential = machine(t100)
    assert ask(CHECK).status_code == 404
    caller = caller_create(Caller(application=bank, credential=credential))
    assert ask(CHECK).status_code == 200
    caller_delete(caller)
    assert ask(CHECK).status_code == 404
    assert [each.action for each in Change.objects.filter(object_type="two-factor").order_by("pk")] == [
        "create",
        "delete",
    ]


def test_a_credentials_networks_and_switch_hold_here_too(bank: Application) -> None:
    credential = bound(bank)
    BasicCredential.objects.filter(pk=credential.pk).update(source_networks=["192.0.2.0/24"])
    assert ask(CHECK).status_code == 401
    assert ask(CHECK, REMOTE_ADDR="192.0.2.9").status_code == 200
    BasicCredential.objects.filter(pk=credential.pk).update(enabled=False)
    assert ask(CHECK, REMOTE_ADDR="192.0.2.9").status_code == 401


def test_both_sides_are_of_one_contact_center(bank: Application, t100: ContactCenter, t200: ContactCenter) -> None:
    ops = credential_create(BasicCredential(name="ops"), password=PASSWORD)
    shared = Application.objects.create(name="Shared", type=Application.Type.TWO_FACTOR)
    web = Application.objects.create(name="Web", contact_center=t100)
    own = machine(t100)
    for application, credential in ((bank, machine(t200, "theirs")), (bank, ops), (shared, own), (web, own)):
        with pytest.raises(ValidationError):
            caller_create(Caller(application=application, credential=credential))
    assert not Caller.objects.exists()


def test_nobody_binds_twice(bank: Application) -> None:
    credential = bound(bank)
    with pytest.raises((ValidationError, NameTaken)):
        caller_create(Caller(application=bank, credential=credential))


def test_only_whoever_may_write_binds(bank: Application, t100: ContactCenter, bob: User) -> None:
    credential = machine(t100)
    asking = RequestContext(principal=principal_of_user(bob, proof="session"))
    with entered(asking), pytest.raises(Forbidden):
        caller_create(Caller(application=bank, credential=credential))


def test_what_is_bound_is_not_deleted(
    bank: Application, root: User, t100: ContactCenter, configuration_keys: object
) -> None:
    credential = bound(bank)
    with pytest.raises(InUse, match="ivr at Bank"):
        credential_delete(credential)
    with pytest.raises(InUse):
        application_delete(bank)
    token = f"Bearer {temporary_token(root, t100)}"
    answer = ask_configuration("DELETE", f"/configuration/basicauth/{credential.pk}", token)
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert BasicCredential.objects.filter(pk=credential.pk).exists()
    assert not Change.objects.filter(object_type="basic-credentials", action="delete").exists()


# --- the admin ---


def test_the_admin_binds_and_lets_go(bank: Application, alice: User, t100: ContactCenter) -> None:
    credential = machine(t100)
    browser = admin_of(alice)
    add(browser, CALLERS, application=str(bank.pk), credential=str(credential.pk), reason="the new IVR")
    caller = Caller.objects.get()
    assert Change.objects.latest("pk").reason == "the new IVR"
    assert "ivr" in browser.get(CALLERS).content.decode()
    browser.post(f"{CALLERS}{caller.pk}/delete/", {"post": "yes"})
    assert not Caller.objects.exists()


def test_the_admin_tells_what_does_not_fit(bank: Application, root: User, t200: ContactCenter) -> None:
    page = add(admin_of(root), CALLERS, application=str(bank.pk), credential=str(machine(t200).pk))
    assert "belongs to another contact center" in page.content.decode()
    assert not Caller.objects.exists()


# --- provisioning files ---

FILE = f"""
two-factor-callers:
  - {{application: Bank, credential: IVR}}
two-factor-keys:
  - {{application: Bank, name: web, key: {KEY}, source-networks: [192.0.2.0/24]}}
  - {{application: Bank, name: generated}}
applications:
  - {{name: Bank, type: two-factor, contact-center: t100}}
basic-credentials:
  - {{name: ivr, contact-center: t100, role: Administrator, password: {WORD}}}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        file = tmp_path / "two-factor.yaml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return write


def test_a_file_binds_and_makes_keys(t100: ContactCenter, write: Callable[[str], str]) -> None:
    file = write(FILE)
    call_command("provision", file, "--yes")
    assert str(Caller.objects.get()) == "ivr at Bank"
    assert ask(CHECK).status_code == 200
    assert ask(CHECK, f"key/{KEY}", who="", REMOTE_ADDR="192.0.2.9").status_code == 200
    assert ask(CHECK, f"key/{KEY}", who="").status_code == 404
    assert not CapabilityKey.objects.filter(made_by_demo=True).exists()
    changes, hashes = Change.objects.count(), set(CapabilityKey.objects.values_list("key_hash", flat=True))
    call_command("provision", file, "--yes")
    assert Change.objects.count() == changes
    call_command("provision", write(FILE.replace(KEY, "z" * 43).replace("192.0.2.0/24", "127.0.0.0/8")), "--yes")
    assert set(CapabilityKey.objects.values_list("key_hash", flat=True)) == hashes
    assert ask(CHECK, f"key/{KEY}", who="").status_code == 200


def test_a_plan_shows_no_key(
    t100: ContactCenter, write: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        call_command("provision", write(FILE), "--dry-run")
    shown = capsys.readouterr()
    assert "two-factor-keys" in shown.out
    assert KEY not in shown.out + shown.err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("credential: IVR", "credential: nobody", "Basic credential nobody"),
        ("{application: Bank, name: web", "{application: Nowhere, name: web", "application Nowhere"),
        (KEY, "short", "A key has 43 to 128"),
        ("192.0.2.0/24", "no-network", "no network"),
        ("type: two-factor, ", "", "another type"),
    ],
)
def test_faults_of_a_file_are_told_and_nothing_is_written(
    t100: ContactCenter, write: Callable[[str], str], old: str, new: str, told: str
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("provision", write(FILE.replace(old, new)), "--yes")
    assert told in str(refused.value)
    assert KEY not in str(refused.value)
    assert not Application.objects.exists()
    assert not CapabilityKey.objects.exists()


def test_what_the_demo_made_goes_with_the_demo(
    t100: ContactCenter, write: Callable[[str], str], settings: object
) -> None:
    settings.DESKGATE_MODE = "demo"  # type: ignore[attr-defined]
    call_command(
        "provision", write("demo: true\n" + FILE.replace(KEY, "demo-capability-key-0000000000000001")), "--yes"
    )
    assert Caller.objects.get().made_by_demo
    assert CapabilityKey.objects.filter(made_by_demo=True).count() == 2


def test_a_key_of_a_strange_name_is_found_by_nobody(bank: Application) -> None:
    key, plain = key_of(bank, f"k {uuid4()}")
    assert str(key).endswith("of Bank")
    assert ask(CHECK, f"key/{key.key_hash}", who="").status_code == 404
    assert ask(CHECK, f"key/{plain}", who="").status_code == 200
