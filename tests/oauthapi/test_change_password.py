"""POST /auth/v3/change-password."""

import itertools
import json

import pytest
from django.test import Client

from accounts.models import FailureCounter
from accounts.services.sessions import sign_out_everywhere
from activity.models import Change, SecurityEvent
from oauthapi.models import TokenFamily
from oauthapi.selectors import bearer_facts
from oauthapi.services.families import family_restamp
from tests.cast import PASSWORD, alter, by_password, get, is_alive, post_token, refreshed
from tests.oauthapi.browser import Browser, set_option

PATH = "/auth/v3/change-password"
NEW = "brand-new-words-7"


def change(token=None, *, http=None, user_name="", old=PASSWORD, new=NEW, **more):
    data = {"oldPassword": old, "newPassword": new} | ({"userName": user_name} if user_name else {})
    headers = {"Authorization": f"bearer {token}"} if token else {}
    client = http or Client(raise_request_exception=False)
    return client.post(PATH, json.dumps({"data": data} | more), content_type="application/json", headers=headers)


def test_with_a_token_the_password_changes_and_this_token_lives(desk, bob):
    mine, other = by_password(desk, bob), by_password(desk, bob)
    inside = Browser().signed_in(bob)
    answer = change(mine["access_token"])
    assert (answer.status_code, answer.json()["status"]["code"]) == (200, 0)
    assert (is_alive(mine["access_token"]), is_alive(other["access_token"])) == (True, False)
    assert refreshed(desk, other["refresh_token"]).status_code == 400
    assert refreshed(desk, mine["refresh_token"]).status_code == 200
    assert inside.open("/auth/v3/ping").status_code == 403
    assert by_password(desk, bob, password=NEW)
    assert post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD).status_code == 400


def test_without_a_token_name_and_old_password_prove_it(desk, bob):
    alter(bob, must_change_password=True)
    mine = post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD)
    assert mine.status_code == 403
    assert change(user_name="t100\\bob").status_code == 200
    assert by_password(desk, bob, password=NEW)


def test_the_session_it_was_made_in_lives_under_another_key_and_its_own_end(desk, bob):
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import Session

    browser, elsewhere = Browser().signed_in(bob), Browser().signed_in(bob)
    old = browser.session_key
    assert change(http=browser.http, user_name="t100\\bob").status_code == 200
    assert browser.session_key not in ("", old)
    assert browser.open("/auth/v3/ping").status_code == 200
    assert elsewhere.open("/auth/v3/ping").status_code == 403
    row = Session.objects.get(user_epoch=type(bob).objects.get(pk=bob.pk).epoch)
    assert row.ends_at - timezone.now() > timedelta(hours=11)


@pytest.mark.parametrize(
    ("name", "old"),
    [
        ("t100\\bob", "wrong"),
        ("t100\\nobody", PASSWORD),
        ("elsewhere\\bob", PASSWORD),
        ("bob\x00", PASSWORD),
        ("x" * 3000, PASSWORD),
    ],
)
def test_every_bad_proof_gets_the_same_403(bob, name, old):
    body = json.dumps({"data": {"userName": name, "oldPassword": old, "newPassword": NEW}})
    answer = Client(raise_request_exception=False).post(PATH, body, content_type="application/json")
    if "\x00" in name:
        assert answer.status_code == 400
        return
    assert answer.status_code == 403
    assert answer.json()["status"] == {"code": 3, "message": "Unable to update password", "detail": {}}


def test_failures_share_the_lock_of_the_sign_in(desk, bob):
    for _ in range(10):
        assert change(user_name="t100\\bob", old="wrong").status_code == 403
    assert change(user_name="t100\\bob").status_code == 403
    assert post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD).status_code == 400
    assert FailureCounter.objects.get(kind="pair").failures == 10


def test_a_token_does_not_replace_the_old_password(desk, bob):
    token = by_password(desk, bob)["access_token"]
    assert change(token, old="wrong").status_code == 403
    assert FailureCounter.objects.get(kind="pair").failures == 1


@pytest.mark.parametrize("name", ["alice", "t100\\alice", "t200\\eve"])
def test_another_ones_name_beside_a_token_is_refused(desk, bob, alice, name):
    assert change(by_password(desk, bob)["access_token"], user_name=name).status_code == 403
    assert by_password(desk, alice)


@pytest.mark.parametrize("name", ["", "bob", "BOB", "t100\\bob"])
def test_ones_own_name_beside_a_token_is_fine(desk, bob, name):
    assert change(by_password(desk, bob)["access_token"], user_name=name).status_code == 200


def test_a_clients_own_token_has_no_password(desk):
    token = post_token(desk, grant_type="client_credentials").json()["access_token"]
    assert change(token, user_name="t100\\bob").status_code == 403


def test_an_ended_token_is_401_even_with_a_name_beside_it(bob):
    answer = change("nonsense", user_name="t100\\bob")
    assert (answer.status_code, answer.headers["WWW-Authenticate"].split()[0]) == (401, "Bearer")
    assert change(user_name="t100\\bob").status_code == 200


@pytest.mark.parametrize(
    ("option", "value", "new", "words"),
    [
        ("password-min-length", "12", "short-one-9", "at least 12"),
        ("password-req-alpha", "true", "1234567890-98", "letter"),
        ("password-req-number", "true", "no-digits-here", "digit"),
        ("password-req-mixed-case", "true", "all-small-words-7", "capital"),
        ("password-req-punctuation", "true", "nopunctuation7", "punctuation"),
        ("password-no-repeats", "3", PASSWORD, "repeat"),
        ("password-min-length", "1", "password", "common"),
    ],
)
def test_the_rules_are_the_contact_centers_options(desk, bob, t100, option, value, new, words):
    set_option("security-authentication-rules", option, value, t100)
    body = change(user_name="t100\\bob", new=new)
    assert (body.status_code, body.json()["status"]["code"]) == (403, 10)
    assert body.json()["status"]["message"] == "Unable to update password"
    assert (
        words in json.dumps(list(SecurityEvent.objects.values())) + body.content.decode()
        or body.json()["status"]["detail"]
    )
    assert by_password(desk, bob)


def test_rules_are_told_only_to_who_knows_the_old_password(bob):
    assert change(user_name="t100\\bob", old="wrong", new="x").json()["status"]["code"] == 3


def test_earlier_passwords_are_remembered(desk, bob):
    words = [PASSWORD, "second-words-2", "third-words-3"]
    for old, new in itertools.pairwise(words):
        assert change(user_name="t100\\bob", old=old, new=new).status_code == 200
    assert change(user_name="t100\\bob", old=words[-1], new=PASSWORD).status_code == 403


def test_the_operation_id_is_kept_in_the_change_row_and_no_password_is(bob):
    assert change(user_name="t100\\bob", operationId="op-17").status_code == 200
    row = Change.objects.latest("id")
    assert row.operation_id == "op-17"
    kept = json.dumps([*Change.objects.values(), *SecurityEvent.objects.values()], default=str)
    assert PASSWORD not in kept
    assert NEW not in kept


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ('{"data":{"newPassword":"x"}}', 1, "oldPassword"),
        ('{"data":{"oldPassword":"x"}}', 1, "newPassword"),
        ('{"data":{"oldPassword":"x","newPassword":"y"}}', 1, "userName"),
        ('{"data":{"oldPassword":1,"newPassword":"y"}}', 2, "oldPassword"),
        ('{"data":{"oldPassword":"x","newPassword":"y","userName":[]}}', 2, "userName"),
        ('{"data":[]}', 2, "data"),
        ("{}", 1, "data"),
        ("", 1, "data"),
        ('{"data":{"oldPassword":"x","newPassword":"y","userName":"z"},"operationId":7}', 2, "operationId"),
    ],
)
def test_a_body_that_cannot_be_taken_names_the_field(db, body, code, field):
    answer = Client().post(PATH, body, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]["code"]) == (400, code)
    assert answer.json()["status"]["detail"] == {"field": field}


@pytest.mark.parametrize("body", ["{", "[1]", '{"data":{"oldPassword":"a","oldPassword":"b"}}', "\xff"])
def test_malformed_json_is_a_400(db, body):
    assert Client().post(PATH, body, content_type="application/json").status_code == 400


def test_get_is_405(db):
    assert Client().get(PATH).headers["Allow"] == "POST, OPTIONS"


def test_a_user_of_a_disabled_contact_center_changes_nothing(desk, bob, t100):
    alter(t100, enabled=False)
    assert change(user_name="t100\\bob").status_code == 403


def test_userinfo_goes_on_with_the_token_that_changed_it(desk, bob):
    token = by_password(desk, bob)["access_token"]
    change(token)
    assert get("/auth/v3/userinfo", token).json()["loginName"] == "bob"


def test_a_family_that_was_ended_before_the_proof_stays_ended(desk, bob):
    """The token was looked at, then everything was signed out, then the old password was proven: under a new epoch."""
    family = TokenFamily.objects.get(pk=bearer_facts(by_password(desk, bob)["access_token"]).family_id)
    proven_epoch = sign_out_everywhere(bob, by_himself=True)
    family_restamp(family.pk, proven_epoch=proven_epoch, user_epoch=proven_epoch)
    assert TokenFamily.objects.get(pk=family.pk).user_epoch == family.user_epoch != proven_epoch
