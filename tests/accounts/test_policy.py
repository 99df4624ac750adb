"""The one policy: privilege, contact center, and no more than the asker holds."""

import pytest

from accounts.models import AccessGroup, BasicCredential, Role, SigningKey, User
from accounts.policy import grantable, may, visible
from accounts.principals import principal_of_credential
from accounts.privileges import CONTACT_CENTER_PRIVILEGES, PRIVILEGES, closed, covers
from accounts.selectors import principal_of_user
from config.principal import ANONYMOUS, COMMAND, Principal
from environment.models import ContactCenter, Installation


def asking(user: User) -> Principal:
    return principal_of_user(user, proof="session")


def limited(t100, *privileges: str) -> Principal:
    return Principal(
        kind="user", name="limited", contact_center_ids=frozenset({t100.pk}), privileges=frozenset(privileges)
    )


def test_a_higher_level_includes_the_lower_ones():
    assert covers(frozenset({"users:administer"}), "users", "read")
    assert covers(frozenset({"users:write"}), "users", "read")
    assert not covers(frozenset({"users:write"}), "users", "administer")
    assert not covers(frozenset({"users:read"}), "roles", "read")
    assert closed(frozenset({"users:write"})) == {"users:read", "users:write"}


def test_names_that_we_do_not_know_give_nothing():
    assert closed(frozenset({"calls:administer", "users"})) == frozenset()


@pytest.mark.parametrize("action", ["read", "write", "administer"])
def test_nobody_is_allowed_nothing(alice, action):
    assert not may(ANONYMOUS, action, alice)
    assert not may(ANONYMOUS, action, User)
    assert not visible(ANONYMOUS, User.objects.all()).exists()


def test_a_contact_centers_administrator_stays_at_home(alice, bob, eve, root, t100, t200):
    who = asking(alice)
    assert may(who, "administer", bob)
    assert not may(who, "read", eve)
    assert not may(who, "read", root)
    assert set(visible(who, User.objects.all())) == {alice, bob}
    assert set(visible(who, ContactCenter.objects.all())) == {t100}


def test_an_installation_administrator_goes_everywhere(alice, bob, eve, root):
    assert all(may(asking(root), "administer", user) for user in (alice, bob, eve, root))
    assert visible(asking(root), User.objects.all()).count() == 4


def test_an_agent_may_do_nothing(bob, alice):
    who = asking(bob)
    assert not any(may(who, action, row) for action in ("read", "write") for row in (alice, bob, User))


@pytest.mark.parametrize("model", [Installation, SigningKey])
def test_what_the_installation_owns_is_not_a_contact_centers(alice, model):
    assert not may(asking(alice), "read", model)
    assert not visible(asking(alice), model.objects.all()).exists()


def test_shared_rows_are_read_but_not_written(alice, db):
    shared = Role.objects.create(name="SHARED", privileges=[])
    who = asking(alice)
    assert may(who, "read", shared)
    assert not may(who, "write", shared)
    assert shared in visible(who, Role.objects.all())


def test_who_lacks_a_privilege_does_not_touch_who_holds_it(t100, alice, bob):
    who = limited(t100, "users:administer")
    assert may(who, "administer", bob)
    assert may(who, "read", alice)
    assert not may(who, "write", alice)
    assert not may(who, "administer", alice)


def test_privileges_by_access_group_count(t100, bob, administrators):
    group = AccessGroup.objects.create(name="team", contact_center=t100)
    group.roles.add(administrators)
    bob.access_groups.add(group)
    assert not may(limited(t100, "users:administer"), "write", bob)


def test_a_role_with_more_than_the_asker_holds_is_not_his_to_write(t100, administrators, agents):
    who = limited(t100, "roles:administer")
    assert may(who, "write", agents)
    assert not may(who, "write", administrators)


def test_a_role_given_an_unlisted_installation_privilege_is_refused(t100, alice):
    role = Role(name="SNEAKY", contact_center=t100, privileges=["signing-keys:administer"])
    assert not may(asking(alice), "write", role)


def test_handing_on_is_measured_by_what_privileges_include(t100):
    who = limited(t100, "users:administer")
    assert grantable(who, frozenset({"users:read", "calls:take"}))
    assert not grantable(who, frozenset({"roles:read"}))


def test_an_ops_credential_is_not_a_contact_centers_to_touch(alice, db):
    ops = BasicCredential(name="ops", password="x")
    assert not may(asking(alice), "read", ops)


def test_commands_hold_everything(bob, eve):
    assert may(COMMAND, "administer", bob)
    assert visible(COMMAND, User.objects.all()).count() == 2


def test_a_contact_center_credential_never_makes_users_roles_clients_or_credentials(t100, administrators):
    held = principal_of_credential(
        BasicCredential(name="script", contact_center=t100, role=administrators, password="x", id=1)
    ).privileges
    barred = ("basic-credentials", "users", "roles", "access-groups", "api-clients")
    assert not any(covers(held, kind, "write") for kind in barred)
    assert "option-secrets:read" not in held
    assert covers(held, "options", "write")


def test_the_ops_credential_reads_no_secrets():
    held = principal_of_credential(BasicCredential(name="ops", password="x", id=1)).privileges
    assert held == PRIVILEGES - {"option-secrets:read"}


def test_the_contact_centers_privileges_are_no_installation_ones():
    assert not any(name.startswith(("installation", "signing-keys", "jobs")) for name in CONTACT_CENTER_PRIVILEGES)
