"""Users: made, changed, disabled and deleted through the services alone."""

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import LastAdministrator, PasswordRefused
from accounts.models import AccessGroup, Role, User
from accounts.selectors import Login, administrators_left, principal_of_user, user_by_login
from accounts.services.passwords import password_change
from accounts.services.users import user_create, user_delete, user_update
from activity.models import Change
from config.context import RequestContext, entered
from config.http.errors import Forbidden
from config.principal import Principal
from tests.cast import PASSWORD, at_once


def asking(user: User):
    return entered(RequestContext(principal=principal_of_user(user, proof="session")))


def limited(t100, *privileges: str):
    principal = Principal(
        kind="user", name="limited", contact_center_ids=frozenset({t100.pk}), privileges=frozenset(privileges)
    )
    return entered(RequestContext(principal=principal))


def test_a_user_gets_the_next_dbid_of_his_contact_center(t100, t200):
    first, second = (user_create(user_name=name, contact_center=t100) for name in ("a", "b"))
    other = user_create(user_name="a", contact_center=t200)
    assert second.dbid == first.dbid + 1
    assert other.dbid == first.dbid


def test_a_dbid_is_never_given_again(t100):
    gone = user_create(user_name="a", contact_center=t100)
    number = gone.dbid
    user_delete(gone)
    assert user_create(user_name="a", contact_center=t100).dbid > number


def test_a_subject_is_never_given_again(t100):
    gone = user_create(user_name="a", contact_center=t100)
    subject = gone.subject
    user_delete(gone)
    assert user_create(user_name="a", contact_center=t100).subject != subject


def test_a_name_is_once_in_its_contact_center_whatever_its_case(t100, t200):
    user_create(user_name="Straße", contact_center=t100)
    user_create(user_name="strasse", contact_center=t200)
    for name in ("STRASSE", "straße"):
        with pytest.raises(ValidationError):
            user_create(user_name=name, contact_center=t100)


def test_the_login_key_follows_a_rename(bob):
    bob.user_name = "Robert"
    user_update(bob)
    assert user_by_login(Login("t100", "ROBERT")) == bob
    assert user_by_login(Login("t100", "bob")) is None


@pytest.mark.parametrize("name", ["a\\b", "a:b", "", " a", "a\nb", "x" * 256])
def test_a_name_holds_no_backslash_colon_or_control_character(t100, name):
    with pytest.raises(ValidationError):
        user_create(user_name=name, contact_center=t100)


def test_an_administrators_login_key_is_no_contact_centers(root, t100):
    user_create(user_name="root", contact_center=t100)
    assert user_by_login(Login("", "root"), administration=True) == root


def test_a_password_that_breaks_a_rule_makes_no_user(t100):
    with pytest.raises(PasswordRefused):
        user_create(user_name="a", contact_center=t100, password="short")
    assert not User.objects.filter(user_name="a").exists()


def test_without_a_password_nobody_signs_in(t100):
    assert not user_create(user_name="a", contact_center=t100).has_usable_password()


# --- escalation -------------------------------------------------------------------------------------------------


def test_nobody_hands_on_a_role_that_holds_more_than_he(t100, bob, administrators, agents):
    with limited(t100, "users:administer"):
        user_update(bob, roles=[agents])
        with pytest.raises(Forbidden):
            user_update(bob, roles=[administrators])
        with pytest.raises(Forbidden):
            user_create(user_name="new", contact_center=t100, roles=[administrators])
    assert set(bob.roles.all()) == {agents}
    assert not User.objects.filter(user_name="new").exists()


def test_nobody_hands_it_on_by_an_access_group_either(t100, bob, administrators):
    group = AccessGroup.objects.create(name="team", contact_center=t100)
    group.roles.add(administrators)
    with limited(t100, "users:administer"), pytest.raises(Forbidden):
        user_update(bob, access_groups=[group])
    assert not bob.access_groups.exists()


def test_nobody_edits_disables_or_deletes_who_holds_more(t100, alice):
    with limited(t100, "users:administer"):
        alice.first_name = "Al"
        with pytest.raises(Forbidden):
            user_update(alice)
        with pytest.raises(Forbidden):
            user_delete(alice)


def test_roles_and_groups_of_another_contact_center_are_refused(bob, t200):
    foreign = Role.objects.create(name="X", contact_center=t200)
    group = AccessGroup.objects.create(name="team", contact_center=t200)
    with pytest.raises(Forbidden):
        user_update(bob, roles=[foreign])
    with pytest.raises(Forbidden):
        user_update(bob, access_groups=[group])


def test_a_contact_centers_administrator_makes_nobody_elsewhere(alice, t200):
    with asking(alice):
        for home in (t200, None):
            with pytest.raises(Forbidden):
                user_create(user_name="spy", contact_center=home)


def test_a_user_never_moves(bob, t200, root):
    bob.contact_center = t200
    with asking(root), pytest.raises(Forbidden):
        user_update(bob)


# --- the last administrator -------------------------------------------------------------------------------------


def test_nobody_disables_demotes_or_deletes_himself(alice, t100, make_user, administrators):
    make_user("second", t100, roles=[administrators])
    with asking(alice):
        alice.enabled = False
        with pytest.raises(LastAdministrator):
            user_update(alice)
        alice.enabled = True
        with pytest.raises(LastAdministrator):
            user_update(alice, roles=[])
        with pytest.raises(LastAdministrator):
            user_delete(alice)
    alice.refresh_from_db()
    assert alice.enabled
    assert alice.roles.exists()


@pytest.mark.parametrize("way", ["disable", "demote", "delete"])
def test_the_last_administrator_stays(alice, bob, root, way):
    with asking(root), pytest.raises(LastAdministrator):
        _take_away(alice, way)
    alice.refresh_from_db()
    assert alice.enabled
    assert alice.roles.exists()


@pytest.mark.parametrize("way", ["disable", "demote", "delete"])
def test_the_last_but_one_may_go(alice, t100, root, make_user, administrators, way):
    make_user("second", t100, roles=[administrators])
    with asking(root):
        _take_away(alice, way)


def test_a_disabled_second_does_not_count(alice, t100, root, make_user, administrators):
    make_user("second", t100, roles=[administrators], enabled=False)
    with asking(root), pytest.raises(LastAdministrator):
        _take_away(alice, "disable")


def test_only_roles_that_count_here_make_a_second_administrator(alice, bob, eve, t100):
    assert administrators_left(alice) == 0
    # Behind the services, which refuse it: another contact center's role.
    bob.roles.set(eve.roles.all())
    assert administrators_left(alice) == 0
    bob.roles.set([Role.objects.create(name="Shared", privileges=["users:administer"])])
    assert administrators_left(alice) == 1
    bob.roles.clear()
    group = AccessGroup.objects.create(contact_center=t100, name="Leads")
    group.roles.set(alice.roles.all())
    bob.access_groups.add(group)
    assert administrators_left(alice) == 1


def test_the_last_administrator_of_the_installation_stays(root):
    with pytest.raises(LastAdministrator):
        _take_away(root, "disable")


def _take_away(user: User, way: str) -> None:
    if way == "delete":
        user_delete(user)
    elif way == "demote":
        user_update(user, roles=[])
    else:
        user.enabled = False
        user_update(user)


# --- what a stored form must not do -----------------------------------------------------------------------------


def test_a_form_opened_earlier_writes_no_old_password_or_epoch_back(bob):
    opened = User.objects.get(pk=bob.pk)
    epoch = password_change(user=User.objects.get(pk=bob.pk), old_password=PASSWORD, new_password="another-word-77")
    opened.first_name = "Robert"
    user_update(opened)
    now = User.objects.get(pk=bob.pk)
    assert now.epoch == epoch
    assert now.password != bob.password
    assert now.first_name == "Robert"


def test_every_change_has_a_row_with_actor_and_difference(alice, bob):
    with asking(alice):
        bob.first_name = "Robert"
        user_update(bob, reason="his wish")
    change = Change.objects.latest("id")
    assert (change.actor_name, change.reason, change.object_type) == ("t100\\alice", "his wish", "users")
    assert (change.before, change.after) == ({"first_name": "Bob"}, {"first_name": "Robert"})


def test_disabling_renews_the_epoch_and_an_edit_does_not(bob):
    before = User.objects.get(pk=bob.pk).epoch
    bob.first_name = "Robert"
    user_update(bob)
    assert User.objects.get(pk=bob.pk).epoch == before
    bob.enabled = False
    user_update(bob)
    assert User.objects.get(pk=bob.pk).epoch != before


def test_every_change_renews_the_stamp(bob):
    before = User.objects.get(pk=bob.pk).stamp
    user_update(bob, roles=[])
    assert User.objects.get(pk=bob.pk).stamp != before


def _disabled_by(caller: User, other: User) -> str:
    with asking(caller):
        row = User.objects.get(pk=other.pk)
        row.enabled = False
        user_update(row)
    return "done"


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_disable_each_other_at_once_leave_one(t100, alice, administrators, make_user):
    for number in range(5):
        second = make_user(f"second{number}", t100)
        second.roles.set([administrators])
        told = at_once([lambda s=second: _disabled_by(alice, s), lambda s=second: _disabled_by(s, alice)])
        assert sorted(type(each).__name__ for each in told) in (["LastAdministrator", "str"], ["Forbidden", "str"])
        assert User.objects.filter(contact_center=t100, enabled=True).count() == 1
        User.objects.filter(pk=alice.pk).update(enabled=True)
        second.roles.clear()
        User.objects.filter(pk=second.pk).update(enabled=False)


def test_an_administrator_of_the_installation_takes_no_clients_name(desk):
    with pytest.raises(ValidationError) as refused:
        user_create(user_name="Desk", contact_center=None)
    assert "user_name" in refused.value.message_dict


def test_a_user_of_a_contact_center_may_have_a_clients_name_for_he_is_told_otherwise(desk, t100):
    user = user_create(user_name="desk", contact_center=t100)
    assert user.system_name != desk.client_id


def test_a_row_read_long_ago_puts_nothing_back(bob):
    stale = User.objects.get(pk=bob.pk)
    bob.email, bob.must_change_password = "new@one.example.com", True
    user_update(bob)
    stale.enabled = False
    user_update(stale)
    kept = User.objects.get(pk=bob.pk)
    assert (kept.email, kept.must_change_password, kept.enabled) == ("new@one.example.com", True, False)


def test_an_update_without_a_difference_writes_nothing(bob):
    before = User.objects.get(pk=bob.pk).stamp, Change.objects.count()
    user_update(User.objects.get(pk=bob.pk))
    assert (User.objects.get(pk=bob.pk).stamp, Change.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_who_make_one_user_at_once_the_second_is_told(t100):
    told = at_once([lambda: user_create(user_name="twin", contact_center=t100)] * 4)
    assert sorted(type(each).__name__ for each in told if not isinstance(each, User)) in (
        ["NameTaken"] * 3,
        ["NameTaken", "NameTaken", "ValidationError"],
        ["NameTaken", "ValidationError", "ValidationError"],
        ["ValidationError"] * 3,
    )
    assert User.objects.filter(user_name="twin").count() == 1
