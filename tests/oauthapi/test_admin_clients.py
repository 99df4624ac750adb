"""Provisioning > API clients and tokens, through its URLs; and the services under it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import Role
from accounts.selectors import principal_of_user
from activity.models import Change, SecurityEvent
from config.context import RequestContext, entered
from config.http.errors import Forbidden
from config.policy import may
from config.principal import Principal
from environment.services import option_set
from oauthapi.client_secrets import secret_matches
from oauthapi.models import AccessToken, ApiClient, TokenFamily
from oauthapi.services.clients import client_create, client_delete, client_secret_rotate, client_update
from oauthapi.services.families import client_tokens_revoke
from tests.admin_client import admin_of, errors_of, filled, messages_of
from tests.cast import SECRET, alter, by_password, is_alive, post_token

CLIENTS = "/admin/oauthapi/apiclient/"
URI = "https://app.example.com/cb"


def add(browser: Any, **values: Any) -> Any:
    page = browser.get(f"{CLIENTS}add/")
    first = {"client_id": "new-client", "name": "New", "redirect_uris": URI}
    return browser.post(f"{CLIENTS}add/", filled(page, **(first | values)))


def secret_of(page: Any) -> str:
    return dict(page.context["told"][0].lines)["Client secret"]


def asking(user: Any) -> Any:
    return entered(RequestContext(principal=principal_of_user(user, proof="session")))


@pytest.fixture
def of_one(make_client, t100) -> ApiClient:
    client = make_client("of-one", owner=t100, grants=["authorization_code", "refresh_token", "client_credentials"])
    client.contact_centers.set([t100])
    return client


def test_a_new_clients_secret_is_shown_once_and_works(root):
    browser = admin_of(root)
    page = add(browser, grants=["client_credentials"], allowed_origins="https://a.example\nhttps://b.example")
    secret = secret_of(page)
    client = ApiClient.objects.get(client_id="new-client")
    assert client.allowed_origins == ["https://a.example", "https://b.example"]
    assert post_token(client, secret=secret, grant_type="client_credentials").status_code == 200
    assert secret not in browser.get(f"{CLIENTS}{client.pk}/change/").content.decode()
    change = Change.objects.get(object_type="api-clients")
    assert secret not in str(change.after)
    assert change.after["secret_hash"] == "set"


def test_a_new_client_gets_code_and_refresh_only(root):
    add(admin_of(root))
    client = ApiClient.objects.get(client_id="new-client")
    assert client.grants == ["authorization_code", "refresh_token"]
    assert client.scopes == ["*"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"client_id": "a:b"}, "without colon"),
        ({"client_id": "ROOT"}, "A user has this name."),
        ({"redirect_uris": "http://evil.example/"}, "http only to this machine"),
        ({"allowed_origins": "nonsense"}, "is no origin"),
        ({"redirect_uris": ""}, "at least one redirect URI"),
        ({"client_type": "PUBLIC", "secret": "x"}, "A public client has no secret."),
    ],
)
def test_what_is_wrong_stands_in_the_form(root, bob, values, words):
    assert words in errors_of(add(admin_of(root), **values))
    assert not ApiClient.objects.exists()


def test_a_public_client_has_no_secret(root):
    assert add(admin_of(root), client_type="PUBLIC").status_code == 302
    assert ApiClient.objects.get().secret_hash == ""


def test_a_rotated_secret_overlaps_as_long_as_was_asked(root, of_one):
    browser = admin_of(root)
    url = f"{CLIENTS}{of_one.pk}/do/rotate/"
    fresh = secret_of(browser.post(url, {"confirmed": "yes", "keep_previous": "1", "reason": "yearly"}))
    of_one.refresh_from_db()
    assert secret_matches(of_one, fresh)
    assert secret_matches(of_one, SECRET)
    assert not secret_matches(of_one, SECRET, now=timezone.now() + timedelta(hours=2))
    browser.post(url, {"confirmed": "yes", "keep_previous": "0", "secret": "typed-secret"})
    of_one.refresh_from_db()
    assert secret_matches(of_one, "typed-secret")
    assert not secret_matches(of_one, fresh)
    assert Change.objects.filter(object_type="api-clients", reason="yearly").exists()


def test_legacy_grants_carry_a_badge(root, desk):
    assert admin_of(root).get(CLIENTS).content.decode().count("legacy") >= 2


def test_a_contact_centers_administrator_makes_clients_of_her_own_only(alice, t100, t200):
    assert add(admin_of(alice)).status_code == 200
    client = ApiClient.objects.get()
    assert (client.owner, list(client.contact_centers.all())) == (t100, [t100])


@pytest.mark.parametrize(
    "fields",
    [
        {"trusted": True},
        {"internal": True},
        {"may_introspect": True},
        {"grants": ["authorization_code", "password"]},
        {"grants": ["implicit"]},
        {"scopes": ["*", "configuration"]},
    ],
)
def test_what_only_the_installation_gives_is_refused_to_her_and_given_by_root(alice, root, t100, fields):
    words = {"client_id": "c", "name": "C", "redirect_uris": [URI], "owner": t100, "contact_centers": [t100]}
    with asking(alice), pytest.raises(Forbidden) as refused:
        client_create(**(words | fields))
    assert refused.value.fields[0].field in fields
    with asking(root):
        client, _secret = client_create(**(words | fields))
    client.description = "hers to change"
    with asking(alice):
        if client.may_introspect or client.internal:
            with pytest.raises(Forbidden):
                client_update(client)
            with pytest.raises(Forbidden):
                client_secret_rotate(client, keep_previous=timedelta())
        else:
            client_update(client)


@pytest.mark.parametrize("bound", ["none", "other", "both"])
def test_she_binds_clients_to_her_contact_center_and_no_other(alice, of_one, t100, t200, bound):
    lists = {"none": [], "other": [t200], "both": [t100, t200]}
    with asking(alice), pytest.raises(Forbidden) as refused:
        client_update(of_one, contact_centers=lists[bound])
    assert refused.value.fields[0].field == "contact_centers"
    with asking(alice):
        client_update(of_one, contact_centers=[t100])


def test_an_authority_that_is_a_role_is_given_by_whoever_holds_its_privileges(alice, of_one, t100):
    Role.objects.create(name="ROLE_KEYS", privileges=["signing-keys:administer"])
    of_one.authorities = ["ROLE_KEYS"]
    with asking(alice), pytest.raises(Forbidden):
        client_update(of_one)
    of_one.authorities = ["ROLE_ANYTHING"]
    with asking(alice):
        client_update(of_one)


def test_her_form_offers_no_legacy_grant_and_a_forged_one_is_refused(alice):
    browser = admin_of(alice)
    page = browser.get(f"{CLIENTS}add/")
    assert 'value="password"' not in page.content.decode()
    assert 'value="configuration"' not in page.content.decode()
    answer = add(browser, grants=["authorization_code", "password"])
    assert "not one of the available choices" in errors_of(answer)
    add(browser, trusted="on", internal="on")
    assert not ApiClient.objects.get().trusted


def test_every_write_replaces_the_stamp_and_nothing_changed_writes_nothing(of_one):
    first = of_one.stamp
    of_one.name = "Another"
    client_update(of_one)
    second = ApiClient.objects.get().stamp
    client_secret_rotate(of_one, keep_previous=timedelta())
    third = ApiClient.objects.get().stamp
    assert len({first, second, third}) == 3
    client_update(ApiClient.objects.get())
    assert ApiClient.objects.get().stamp == third
    assert Change.objects.filter(object_type="api-clients").count() == 2


def test_a_form_opened_before_a_rotation_does_not_put_the_old_secret_back(of_one):
    older = ApiClient.objects.get()
    fresh = client_secret_rotate(of_one, keep_previous=timedelta())
    older.name = "Renamed"
    client_update(older)
    now = ApiClient.objects.get()
    assert secret_matches(now, fresh)
    assert not secret_matches(now, SECRET)


@pytest.mark.parametrize(
    "fields",
    [
        {"grants": 5},
        {"scopes": "x"},
        {"redirect_uris": [1]},
        {"authorities": {}},
        {"name": ""},
        {"client_id": ""},
    ],
)
def test_values_of_a_wrong_type_are_told_not_stumbled_over(db, fields):
    with pytest.raises(ValidationError):
        client_create(**({"client_id": "c", "name": "C", "redirect_uris": [URI]} | fields))


def test_disabling_a_client_holds_on_the_next_request(root, desk, alice):
    token = by_password(desk, alice)["access_token"]
    assert is_alive(token)
    admin_of(root).post(f"{CLIENTS}{desk.pk}/do/disable/", {"confirmed": "yes"})
    assert not is_alive(token)


def test_revoking_an_access_token_or_its_family_holds_on_the_next_request(root, desk, alice):
    browser = admin_of(root)
    one, two = by_password(desk, alice)["access_token"], by_password(desk, alice)["access_token"]
    first, second = AccessToken.objects.order_by("id")
    browser.post(f"/admin/oauthapi/accesstoken/{first.pk}/do/revoke/", {"confirmed": "yes", "reason": "lost laptop"})
    assert (is_alive(one), is_alive(two)) == (False, True)
    browser.post(f"/admin/oauthapi/tokenfamily/{second.family_id}/do/revoke/", {"confirmed": "yes"})
    assert not is_alive(two)
    assert SecurityEvent.objects.get(name="token-revoked").detail == {"reason": "lost laptop"}


@pytest.mark.parametrize("model", ["accesstoken", "refreshtoken"])
def test_neither_tokens_nor_their_hashes_are_shown(root, desk, alice, model):
    answer = by_password(desk, alice)
    browser = admin_of(root)
    rows = {"accesstoken": AccessToken, "refreshtoken": TokenFamily.objects.get().refresh_tokens.model}
    row = rows[model].objects.get()
    for path in ("", f"{row.pk}/change/"):
        body = browser.get(f"/admin/oauthapi/{model}/{path}").content.decode()
        assert row.token_hash not in body
        assert answer["access_token"] not in body
        assert answer["refresh_token"] not in body


def test_tokens_are_found_by_whole_names_and_never_by_token(root, desk, alice):
    token = by_password(desk, alice)["access_token"]
    browser = admin_of(root)

    def found(text: str) -> int:
        return browser.get("/admin/oauthapi/accesstoken/", {"q": text}).context["cl"].queryset.count()

    assert (found("alice"), found("desk"), found("des"), found(token)) == (1, 1, 0, 0)


@pytest.fixture(params=["both", "all"])
def of_many(request, make_client, t100, t200) -> ApiClient:
    """Trusted, owned by contact center one, used by two as well."""
    client = make_client("of-many", owner=t100, trusted=True)
    client.contact_centers.set([t100, t200] if request.param == "both" else [])
    return client


def test_a_client_that_others_use_is_not_hers_to_change_rotate_delete_disable_or_cut(alice, of_many, t100):
    before = ApiClient.objects.values().get()
    bound = set(of_many.contact_centers.all())
    of_many.redirect_uris = ["https://evil.example/cb"]
    stored = ApiClient.objects.get()
    off = ApiClient.objects.get()
    off.enabled = False
    attempts: list[Callable[[], object]] = [
        lambda: client_update(of_many),
        lambda: client_update(stored, contact_centers=[t100]),
        lambda: client_update(off),
        lambda: client_secret_rotate(stored, keep_previous=timedelta()),
        lambda: client_tokens_revoke(stored),
        lambda: client_delete(stored),
    ]
    for attempt in attempts:
        with asking(alice), pytest.raises(Forbidden, match="serves more than your own"):
            attempt()
    assert ApiClient.objects.values().get() == before
    assert set(ApiClient.objects.get().contact_centers.all()) == bound


def test_her_screen_shows_such_a_client_without_anything_to_press(alice, of_many, t200):
    browser = admin_of(alice)
    url = f"{CLIENTS}{of_many.pk}/"
    page = browser.get(f"{url}change/")
    body = page.content.decode()
    assert page.status_code == 200
    assert not page.context["has_change_permission"]
    assert not page.context["object_buttons"]
    assert 'name="_save"' not in body
    assert f"{url}delete/" not in body
    # Its name is part of a word of the menu: "Two-factor".
    assert re.search(rf"\b{t200}\b(?!-factor)", body) is None
    assert ("1 more" in body) == of_many.contact_centers.exists()
    assert browser.post(f"{url}change/", {"name": "Hers"}).status_code == 403
    assert browser.post(f"{url}delete/", {"post": "yes"}).status_code == 403
    for action in ("disable", "delete_selected", "rotate", "revoke_tokens"):
        sent = {"action": action, "_selected_action": [of_many.pk], "confirmed": "yes", "keep_previous": "0"}
        assert "serves more than your own" in messages_of(browser.post(CLIENTS, sent), browser)
    now = ApiClient.objects.get()
    assert (now.enabled, now.stamp) == (True, of_many.stamp)


def test_her_screen_of_a_client_of_her_own_keeps_its_buttons(alice, of_one):
    page = admin_of(alice).get(f"{CLIENTS}{of_one.pk}/change/")
    assert [label for label, _url in page.context["object_buttons"]] == [
        "Rotate secret…",
        "Revoke tokens…",
        "Disable…",
    ]
    assert page.context["has_change_permission"]


def test_root_may_still_do_all_of_it(root, of_many, t100):
    with asking(root):
        of_many.redirect_uris = [URI]
        client_update(of_many, contact_centers=[t100])
        client_secret_rotate(of_many, keep_previous=timedelta())
        client_tokens_revoke(of_many)
        client_delete(of_many)


def test_a_form_drops_no_contact_center_or_owner_that_it_could_not_show(make_user, t100, of_one):
    role = Role.objects.create(name="CLIENTS", contact_center=t100, privileges=["api-clients:write"])
    browser = admin_of(make_user("carol", t100, roles=[role]))
    url = f"{CLIENTS}{of_one.pk}/change/"
    page = browser.get(url)
    # A browser sends only what it was offered.
    answer = browser.post(url, filled(page, name="Renamed", owner=None, contact_centers=None))
    assert answer.status_code == 302, errors_of(answer)
    now = ApiClient.objects.get()
    assert (now.name, now.owner, list(now.contact_centers.all())) == ("Renamed", t100, [t100])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("redirect_uris", ["https://evil.example/cb"]),
        ("redirect_match", "origin"),
        ("post_logout_redirect_uris", ["https://evil.example/bye"]),
        ("allowed_origins", ["https://evil.example"]),
        ("client_type", "PUBLIC"),
        ("scopes", ["*", "twofactor"]),
        ("basic_on_authorize", True),
    ],
)
def test_what_a_trusted_client_gets_and_where_is_the_installations_to_change(alice, root, of_one, field, value):
    option_set(holder=None, section="oauth", name="genesys-redirects", value="true")
    alter(of_one, trusted=True, grants=["authorization_code"])
    setattr(of_one, field, value)
    with asking(alice), pytest.raises(Forbidden) as refused:
        client_update(of_one)
    assert [one.field for one in refused.value.fields] == [field]
    with asking(root):
        client_update(of_one)
    plain = {"redirect_uris": [URI], "redirect_match": "exact", "allowed_origins": [], "scopes": ["*"]}
    alter(of_one, trusted=False, client_type="CONFIDENTIAL", basic_on_authorize=False, **plain)
    setattr(of_one, field, value)
    with asking(alice):
        client_update(of_one)


def test_her_form_shows_the_addresses_of_a_trusted_client_and_takes_none(alice, of_one):
    alter(of_one, trusted=True)
    browser = admin_of(alice)
    url = f"{CLIENTS}{of_one.pk}/change/"
    page = browser.get(url)
    assert "redirect_uris" not in page.context["adminform"].form.fields
    browser.post(url, filled(page, name="Renamed", redirect_uris="https://evil.example/cb"))
    now = ApiClient.objects.get()
    assert (now.name, now.redirect_uris) == ("Renamed", of_one.redirect_uris)


@pytest.mark.parametrize("shared", [True, False])
def test_whoever_lacks_what_its_authorities_hold_neither_rotates_nor_changes_it(
    make_user, administrators, of_one, t100, shared
):
    lesser = Role.objects.create(name="LESSER", contact_center=t100, privileges=["api-clients:write"])
    carol = make_user("carol", t100, roles=[lesser])
    if shared:
        alter(administrators, contact_center=None)
    alter(of_one, authorities=["ROLE_ADMIN"])
    with asking(carol):
        for attempt in (
            lambda: client_secret_rotate(of_one, keep_previous=timedelta()),
            lambda: client_update(of_one),
            lambda: client_delete(of_one),
        ):
            with pytest.raises(Forbidden):
                attempt()
    assert not admin_of(carol).get(f"{CLIENTS}{of_one.pk}/change/").context["object_buttons"]


def test_a_role_of_another_contact_center_is_not_what_its_authorities_mean(alice, of_one, t200):
    Role.objects.create(name="ROLE_ODD", contact_center=t200, privileges=["signing-keys:administer"])
    alter(of_one, authorities=["ROLE_ODD"])
    with asking(alice):
        client_secret_rotate(of_one, keep_previous=timedelta())


def test_reading_a_client_asks_nothing_of_its_authorities(alice, of_one, django_assert_num_queries):
    alter(of_one, authorities=["ROLE_ADMIN"])
    principal = principal_of_user(alice, proof="session")
    with django_assert_num_queries(0):
        assert may(principal, "read", of_one)


def test_client_ids_differ_by_more_than_case(root, of_one):
    page = add(admin_of(root), client_id="Of-One")
    assert "in upper or lower case" in errors_of(page)
    with pytest.raises(IntegrityError):
        ApiClient.objects.create(client_id="OF-ONE", name="x")


def test_another_contact_center_does_not_make_its_authorities_mean_more_than_the_caller_holds(root, of_one, t100, t200):
    Role.objects.create(name="ROLE_ODD", contact_center=t200, privileges=["signing-keys:administer"])
    alter(of_one, authorities=["ROLE_ODD"])
    held = frozenset({"api-clients:write", "contact-centers:read"})
    everywhere = Principal(kind="credential", name="robot", everywhere=True, privileges=held)
    with entered(RequestContext(principal=everywhere)), pytest.raises(Forbidden):
        client_update(of_one, contact_centers=[t100, t200])
    assert list(of_one.contact_centers.all()) == [t100]
