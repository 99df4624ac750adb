"""Provisioning > Accounts, through its URLs."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AccessGroup, BasicCredential, FailureCounter, Role, Session, SigningKey, User
from activity.models import Change, SecurityEvent
from environment.models import Place
from tests.admin_client import add, admin_of, do, errors_of, filled, messages_of, shown, sign_in
from tests.cast import PASSWORD

USERS = "/admin/accounts/user/"
ROLES = "/admin/accounts/role/"
GROUPS = "/admin/accounts/accessgroup/"
CREDENTIALS = "/admin/accounts/basiccredential/"


def test_a_user_is_made_with_roles_groups_and_place_and_a_password_shown_once(t100, alice, agents):
    group = AccessGroup.objects.create(name="Sales", contact_center=t100)
    place = Place.objects.create(name="P1", contact_center=t100)
    page = add(
        admin_of(alice),
        USERS,
        user_name="carol",
        roles=[agents.pk],
        access_groups=[group.pk],
        default_place=place.pk,
        reason="new colleague",
    )
    assert page.status_code == 200
    carol = User.objects.get(user_name="carol")
    assert (list(carol.roles.all()), list(carol.access_groups.all()), carol.default_place) == ([agents], [group], place)
    assert carol.contact_center == t100
    assert carol.dbid
    assert carol.must_change_password
    assert carol.check_password(shown(page)["Password"])
    assert "no-store" in page["Cache-Control"]
    change = Change.objects.get(object_type="users", object_id=str(carol.pk))
    assert (change.action, change.reason, change.actor_name) == ("create", "new colleague", "t100\\alice")
    assert shown(page)["Password"] not in str(change.after)


def test_a_typed_password_is_not_shown_and_must_keep_the_rules(alice):
    browser = admin_of(alice)
    refused = add(browser, USERS, user_name="carol", password="short")
    assert "Use at least 8 characters." in errors_of(refused)
    assert "short" not in re.findall(r'value="([^"]*)"', refused.content.decode())
    assert add(browser, USERS, user_name="carol", password="long-enough-99").status_code == 302
    assert User.objects.get(user_name="carol").check_password("long-enough-99")


def test_a_name_that_is_taken_is_an_error_of_the_form(alice, bob):
    answer = add(admin_of(alice), USERS, user_name="BOB")
    assert answer.status_code == 200
    assert errors_of(answer)


def test_a_contact_centers_administrator_makes_no_administrator_of_the_installation(alice):
    answer = add(admin_of(alice), USERS, user_name="carol", contact_center="")
    assert "no permission" in errors_of(answer)
    assert not User.objects.filter(user_name="carol").exists()


def test_nobody_hands_on_a_privilege_that_he_lacks(t100, alice, agents):
    alice.roles.set(
        [
            Role.objects.create(
                name="ROLE_LESSER",
                contact_center=t100,
                privileges=[
                    "users:administer",
                    "roles:administer",
                    "access-groups:administer",
                    "contact-centers:read",
                ],
            )
        ]
    )
    powerful = Role.objects.get(name="ROLE_ADMIN", contact_center=t100)
    browser = admin_of(alice)
    answer = add(browser, USERS, user_name="carol", roles=[powerful.pk])
    assert "The role ROLE_ADMIN holds privileges that you do not." in errors_of(answer)
    answer = add(browser, ROLES, name="ROLE_NEW", known=["users:read", "api-clients:write"])
    assert "You do not hold these privileges yourself: api-clients:write." in errors_of(answer)
    answer = add(browser, GROUPS, name="Group", roles=[powerful.pk])
    assert "holds privileges that you do not" in errors_of(answer)
    assert not User.objects.filter(user_name="carol").exists()
    assert not Role.objects.filter(name="ROLE_NEW").exists()
    assert not AccessGroup.objects.exists()


def test_a_reset_password_is_shown_once_and_signs_in(alice, bob, administrators):
    bob.roles.set([administrators])
    browser = admin_of(alice)
    asked = browser.get(f"{USERS}{bob.pk}/do/reset/")
    assert "1 user" in asked.content.decode()
    page = do(browser, USERS, bob, "reset", must_change="on", reason="forgot it")
    plain = shown(page)["Password"]
    assert sign_in("t100\\bob", plain)[1]["Location"] == "/admin/password_change/"
    assert sign_in("t100\\bob", PASSWORD)[1].status_code == 200
    assert Change.objects.filter(object_id=str(bob.pk), reason="forgot it").exists()
    assert plain not in browser.get(f"{USERS}{bob.pk}/change/").content.decode()


def test_a_reset_that_breaks_a_rule_is_asked_again(alice, bob):
    answer = do(admin_of(alice), USERS, bob, "reset", new_password="short")
    assert "Use at least 8 characters." in answer.content.decode()
    assert User.objects.get(pk=bob.pk).check_password(PASSWORD)


def test_nobody_resets_whoever_holds_more(alice, root, t100):
    alice.roles.set([Role.objects.create(name="LESSER", contact_center=t100, privileges=["users:administer"])])
    chief = User.objects.create(user_name="chief", contact_center=t100, dbid=999)
    chief.roles.set([Role.objects.get(name="ROLE_ADMIN", contact_center=t100)])
    browser = admin_of(alice)
    for action in ("reset", "sign_out", "disable"):
        assert do(browser, USERS, chief, action).status_code == 403
    assert do(browser, USERS, root, "reset").status_code == 403


def test_disabling_signs_out_and_the_last_administrator_stays(alice, bob, root, administrators):
    bob.roles.set([administrators])
    his = admin_of(bob)
    browser = admin_of(alice)
    assert "disabled" in messages_of(do(browser, USERS, bob, "disable"), browser)
    assert his.get("/admin/").status_code == 302
    assert "himself" in messages_of(do(browser, USERS, alice, "disable"), browser)
    roots = admin_of(root)
    assert "nobody to administer" in messages_of(do(roots, USERS, alice, "disable"), roots)
    assert User.objects.get(pk=alice.pk).enabled


def test_unlock_and_sign_out_everywhere(alice, bob):
    for _ in range(10):
        sign_in("t100\\bob", "wrong")
    assert FailureCounter.objects.filter(locked_until__isnull=False).exists()
    browser = admin_of(alice)
    do(browser, USERS, bob, "unlock", reason="on the phone")
    assert not FailureCounter.objects.filter(subject__startswith="t100\\bob").exists()
    assert SecurityEvent.objects.filter(name="lockout-released", actor_name="t100\\alice").exists()
    before = User.objects.get(pk=bob.pk).epoch
    do(browser, USERS, bob, "sign_out")
    assert User.objects.get(pk=bob.pk).epoch != before


def test_a_role_is_a_table_of_check_boxes_and_keeps_names_that_give_no_right(alice, agents):
    browser = admin_of(alice)
    page = browser.get(f"{ROLES}{agents.pk}/change/")
    assert 'aria-label="users: administer"' in page.content.decode()
    answer = browser.post(f"{ROLES}{agents.pk}/change/", filled(page, known=["users:read", "places:write"]))
    assert answer.status_code == 302
    agents.refresh_from_db()
    assert agents.privileges == ["users:read", "places:write", "calls:take"]


def test_nobody_takes_his_own_administration_away(alice, administrators):
    browser = admin_of(alice)
    url = f"{ROLES}{administrators.pk}/change/"
    answer = browser.post(url, filled(browser.get(url), known=["roles:administer"]))
    assert "Nobody takes his own administration away." in errors_of(answer)
    administrators.refresh_from_db()
    assert "users:administer" in administrators.privileges


def test_a_role_in_use_is_not_deleted_and_says_by_whom(alice, bob, agents):
    browser = admin_of(alice)
    assert "t100\\bob" in browser.get(f"{ROLES}{agents.pk}/delete/").content.decode()
    browser.post(f"{ROLES}{agents.pk}/delete/", {"post": "yes"})
    assert Role.objects.filter(pk=agents.pk).exists()


def test_a_basic_credential_shows_its_header_once(alice, administrators, t100):
    browser = admin_of(alice)
    page = add(browser, CREDENTIALS, name="script", role=administrators.pk, source_networks="192.0.2.0/24\n::1")
    told = shown(page)
    pair = base64.b64decode(told["Authorization header"].removeprefix("Authorization: Basic ")).decode()
    assert pair == f"script:{told['Password']}"
    credential = BasicCredential.objects.get(name="script")
    assert credential.source_networks == ["192.0.2.0/24", "::1"]
    assert told["Password"] not in browser.get(f"{CREDENTIALS}{credential.pk}/change/").content.decode()
    again = shown(do(browser, CREDENTIALS, credential, "rotate", reason="leaked"))
    assert again["Password"] != told["Password"]
    assert Change.objects.filter(object_type="basic-credentials", reason="leaked").exists()
    do(browser, CREDENTIALS, credential, "disable")
    assert not BasicCredential.objects.get().enabled


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "a:b"}, "Use no colon"),
        ({"source_networks": "here"}, "here is no network"),
        ({"role": ""}, "needs a role"),
        ({"contact_center": "", "role": ""}, "no permission"),
    ],
)
def test_a_credential_that_cannot_be_is_an_error_of_the_form(alice, administrators, values, words):
    answer = add(admin_of(alice), CREDENTIALS, **({"name": "script", "role": administrators.pk} | values))
    assert words in errors_of(answer)
    assert not BasicCredential.objects.exists()


def test_a_session_ends_and_its_hash_is_not_shown(alice, bob, administrators):
    bob.roles.set([administrators])
    his = admin_of(bob)
    session = Session.objects.get(user=bob)
    browser = admin_of(alice)
    body = browser.get(f"/admin/accounts/session/{session.pk}/change/").content.decode()
    assert "Last seen at" in body
    assert "Key hash" not in body
    assert "Data:" not in body
    do(browser, "/admin/accounts/session/", session, "end", reason="left his desk")
    assert his.get("/admin/").status_code == 302


def test_signing_keys_are_rotated_by_root_and_their_private_half_is_not_shown(root, alice, signing_keys):
    url = "/admin/accounts/signingkey/"
    assert admin_of(alice).post(f"{url}rotate/", {"purpose": "id-token"}).status_code == 403
    browser = admin_of(root)
    key = signing_keys[0]
    body = browser.get(f"{url}{key.pk}/change/").content.decode()
    assert key.kid in body
    assert key.private_sealed not in body
    assert browser.post(f"{url}rotate/", {"purpose": "id-token", "reason": "yearly"}).status_code == 302
    assert SigningKey.objects.filter(purpose="id-token").count() == 2
    assert Change.objects.get(object_type="signing-keys").reason == "yearly"


def test_a_users_changes_are_one_click_away(alice, bob):
    browser = admin_of(alice)
    do(browser, USERS, bob, "disable", reason="holiday")
    page = browser.get(f"{USERS}{bob.pk}/history/", follow=True)
    assert [change.reason for change in page.context["cl"].queryset][:1] == ["holiday"]


@pytest.fixture
def carol(make_user: Any, t100: Any) -> User:
    """Edits users and groups of contact center one, and may see neither roles nor places nor (users') groups."""
    held = ["users:write", "access-groups:write"]
    return make_user("carol", t100, roles=[Role.objects.create(name="DESK", contact_center=t100, privileges=held)])


def test_a_form_drops_nothing_that_its_reader_may_not_see(t100, carol, bob, agents):
    shared = Role.objects.create(name="ROLE_SHARED", privileges=["calls:listen"])
    place = Place.objects.create(name="P1", contact_center=t100)
    group = AccessGroup.objects.create(name="Sales", contact_center=t100)
    group.roles.set([shared, agents])
    bob.roles.set([shared, agents])
    bob.access_groups.set([group])
    User.objects.filter(pk=bob.pk).update(default_place=place)
    browser = admin_of(carol)
    url = f"{USERS}{bob.pk}/change/"
    # A browser sends only what it was offered.
    sent = filled(browser.get(url), first_name="Robert", roles=None, access_groups=[group.pk], default_place=None)
    assert browser.post(url, sent).status_code == 302
    bob.refresh_from_db()
    assert (bob.first_name, bob.default_place, set(bob.roles.all())) == ("Robert", place, {shared, agents})
    url = f"{GROUPS}{group.pk}/change/"
    assert browser.post(url, filled(browser.get(url), name="Sellers", roles=None)).status_code == 302
    group.refresh_from_db()
    assert (group.name, set(group.roles.all())) == ("Sellers", {shared, agents})


def test_a_groups_members_keep_it_when_the_editor_may_not_see_groups(t100, make_user, bob):
    role = Role.objects.create(name="USERS", contact_center=t100, privileges=["users:write", "roles:read"])
    group = AccessGroup.objects.create(name="Sales", contact_center=t100)
    bob.access_groups.set([group])
    browser = admin_of(make_user("dave", t100, roles=[role]))
    url = f"{USERS}{bob.pk}/change/"
    # What he does see he may still take away.
    assert browser.post(url, filled(browser.get(url), roles=None, access_groups=None)).status_code == 302
    assert (list(bob.access_groups.all()), list(bob.roles.all())) == ([group], [])


@pytest.mark.parametrize(
    "text", ["null", '{"a": NaN}', '{"a": 1}', "[]", '{"a": "\\ud800"}', '{"a": "1", "a": "2"}', "[" * 99]
)
def test_properties_that_cannot_be_told_are_an_error_of_the_form(alice, bob, text):
    browser = admin_of(alice)
    answer = browser.post(f"{USERS}{bob.pk}/change/", filled(browser.get(f"{USERS}{bob.pk}/change/"), properties=text))
    assert answer.status_code == 200
    assert "properties" in answer.context["adminform"].form.errors


def test_properties_are_an_object_of_texts(alice, bob):
    browser = admin_of(alice)
    url = f"{USERS}{bob.pk}/change/"
    assert browser.post(url, filled(browser.get(url), properties='{"team": "north"}')).status_code == 302
    assert User.objects.get(pk=bob.pk).properties == {"team": "north"}


def test_a_privilege_with_a_control_character_is_refused(agents):
    agents.privileges = ["calls:\x00take"]
    with pytest.raises(ValidationError, match="control"):
        agents.full_clean()
