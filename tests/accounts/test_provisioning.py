"""Roles, access groups, users and Basic credentials in provisioning files."""

import pytest

from accounts.models import AccessGroup, BasicCredential, Role, User
from accounts.selectors import principal_of_user
from accounts.services.credentials import credential_prove
from activity.models import Change
from config.context import RequestContext, entered
from environment.provision.faults import Faults

pytestmark = pytest.mark.django_db

FILE = """\
users:
  - contact-center: t100
    user-name: Alice
    password: correct horse battery
    email: alice@example.com
    roles: [ROLE_AGENT, Shared]
    access-groups: [Leads]
    default-place: Place_1
    properties: {shift: night}
  - user-name: root
    password: correct horse battery
access-groups:
  - {contact-center: t100, name: Leads, roles: [ROLE_LEAD]}
roles:
  - {contact-center: t100, name: ROLE_AGENT}
  - {contact-center: t100, name: ROLE_LEAD, privileges: ["users:read"]}
  - {name: Shared}
places:
  - {contact-center: t100, name: Place_1}
basic-credentials:
  - {name: Ivr, contact-center: t100, role: ROLE_LEAD, password: ivr-password-1, source-networks: [10.0.0.0/8]}
contact-centers:
  - {number: 1, name: One, domains: [t100]}
"""


def test_people_and_machines_come_with_what_they_may(provision):
    provision(FILE)
    alice = User.objects.get(user_name="Alice")
    assert (str(alice), alice.dbid, alice.default_place.name) == ("t100\\Alice", 101, "Place_1")
    assert sorted(role.name for role in alice.roles.all()) == ["ROLE_AGENT", "Shared"]
    assert [role.name for role in AccessGroup.objects.get().roles.all()] == ["ROLE_LEAD"]
    assert alice.check_password("correct horse battery")
    assert User.objects.get(user_name="root").is_superuser
    assert BasicCredential.objects.get().role.name == "ROLE_LEAD"


def test_the_same_file_again_is_no_change_even_after_passwords_changed(provision):
    provision(FILE)
    User.objects.update(password="changed by its owner")
    before = (Change.objects.count(), list(User.objects.values_list("stamp", "password")))
    assert provision(FILE.replace("correct horse", "another horse").replace("Alice", "Alice")).todo == ()
    assert (Change.objects.count(), list(User.objects.values_list("stamp", "password"))) == before


def test_only_what_is_written_changes(provision):
    provision(FILE)
    plan = provision("users: [{contact-center: t100, user-name: ALICE, roles: [], enabled: false}]")
    assert [(diff.field, diff.shown) for diff in plan.todo[0].diffs] == [
        ("user_name", "Alice → ALICE"),
        ("enabled", "true → false"),
        ("roles", "ROLE_AGENT, Shared → (none)"),
    ]
    alice = User.objects.get(user_name="ALICE")
    assert (alice.email, alice.enabled, list(alice.roles.all())) == ("alice@example.com", False, [])
    assert alice.access_groups.count() == 1


def test_a_role_of_the_contact_center_comes_before_a_shared_one(provision):
    provision(FILE.replace("{name: Shared}", "{name: ROLE_AGENT}").replace(", Shared]", "]"))
    assert User.objects.get(user_name="Alice").roles.get().contact_center is not None


def test_names_that_lead_nowhere_are_told_with_their_line(provision):
    text = FILE.replace("roles: [ROLE_AGENT, Shared]", "roles: [ROLE_AGENT, ROLE_BOSS]").replace(
        "Place_1\n", "Place_9\n"
    )
    with pytest.raises(Faults) as faults:
        provision(text)
    assert [(fault.line, fault.path) for fault in faults.value.faults] == [
        (6, "users[0].roles[1]"),
        (8, "users[0].default-place"),
    ]
    assert not User.objects.exists()


def test_a_refused_password_is_told_without_being_repeated(provision):
    with pytest.raises(Faults) as faults:
        provision(FILE.replace("correct horse battery", "dragon1"))
    assert faults.value.faults[0].path.endswith(".password")
    assert "dragon1" not in str(faults.value)
    assert not Role.objects.filter(contact_center__isnull=False).exists()


@pytest.mark.parametrize(("password", "words"), [("hunter2-abc", "at least 12"), ("password1234", "common")])
def test_a_weak_password_of_a_credential_is_refused_but_for_the_demos(provision, settings, password, words):
    with pytest.raises(Faults, match=words) as faults:
        provision(f"basic-credentials: [{{name: ops, password: {password}}}]")
    assert faults.value.faults[0].path.endswith(".password")
    assert password not in str(faults.value)
    settings.DESKGATE_MODE = "demo"
    provision(f"demo: true\nbasic-credentials: [{{name: ops, password: {password}}}]")
    assert credential_prove(name="ops", password=password).made_by_demo


def test_a_credential_is_found_in_any_case_and_needs_a_first_password(provision):
    provision(FILE)
    plan = provision("basic-credentials: [{name: IVR, enabled: false}]")
    assert [step.action for step in plan.steps] == ["change"]
    assert not BasicCredential.objects.get().enabled
    with pytest.raises(Faults, match="needs a password"):
        provision("basic-credentials: [{name: other}]")


def test_a_credential_from_a_file_opens(provision):
    provision("basic-credentials: [{name: ops, password: ops-password-1}]")
    assert credential_prove(name="ops", password="ops-password-1").contact_center is None


@pytest.mark.parametrize(
    "text",
    [
        "roles: [{contact-center: t100, name: ROLE_ADMIN, privileges: []}]",
        "access-groups: [{contact-center: t100, name: Leads, roles: []}]",
    ],
)
def test_a_file_takes_nobodys_own_administration_away(provision, alice, t100, administrators, text):
    leads = AccessGroup.objects.create(contact_center=t100, name="Leads")
    leads.roles.add(administrators)
    if "access-groups" in text:
        alice.roles.clear()
        alice.access_groups.add(leads)
    principal = principal_of_user(alice, proof="session")
    with entered(RequestContext(principal=principal)), pytest.raises(Faults, match="own administration"):
        provision(text)
    assert "users:administer" in User.objects.get(pk=alice.pk).held_privileges()
