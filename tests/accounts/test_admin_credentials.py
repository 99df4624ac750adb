"""Provisioning > Accounts > Basic credentials and temporary authorization tokens, through their URLs."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import BasicCredential, TemporaryToken
from accounts.services.credentials import credential_update
from activity.models import SecurityEvent
from tests.accounts.configuring import register, temporary_token
from tests.admin_client import add, admin_of, do, shown
from tests.cast import alter
from tests.oauthapi.browser import set_option

CREDENTIALS = "/admin/accounts/basiccredential/"
TOKENS = "/admin/accounts/temporarytoken/"
DAY = timedelta(days=1)


def listed(browser, url, **query):
    return [str(row) for row in browser.get(url, query).context["cl"].queryset]


def ends_in(credential):
    return round((credential.expires_at - timezone.now()) / DAY)


# --- credentials ----------------------------------------------------------------------------------------------------


def test_the_usual_expiry_is_proposed_where_the_contact_center_is_known(alice, administrators, t100, root, t200):
    set_option("basic-credentials", "default-lifetime-days", "30", t100)
    first = admin_of(alice).get(f"{CREDENTIALS}add/").context["adminform"].form.initial["expires_at"]
    assert round((first - timezone.now()) / DAY) == 30
    hers = admin_of(root)
    assert "expires_at" not in hers.get(f"{CREDENTIALS}add/").context["adminform"].form.initial
    assert "expires_at" not in hers.get(f"{CREDENTIALS}add/?contact_center=x").context["adminform"].form.initial
    chosen = hers.get(f"{CREDENTIALS}add/?contact_center={t200.pk}").context["adminform"].form.initial["expires_at"]
    assert round((chosen - timezone.now()) / DAY) == 90


def test_an_empty_expiry_is_the_usual_one_unless_never_is_said(root, administrators, t100):
    browser = admin_of(root)
    row = {"contact_center": t100.pk, "role": administrators.pk}
    add(browser, CREDENTIALS, name="usual", **row)
    add(browser, CREDENTIALS, name="never", never_expires="on", **row)
    add(browser, CREDENTIALS, name="typed", expires_at_0="2030-05-19", expires_at_1="12:20:57", **row)
    add(browser, CREDENTIALS, name="ops")
    made = {one.name: one for one in BasicCredential.objects.all()}
    assert ends_in(made["usual"]) == 90
    assert made["typed"].expires_at.isoformat() == "2030-05-19T12:20:57+00:00"
    assert made["never"].expires_at is made["ops"].expires_at is None


@pytest.mark.parametrize(
    ("password", "words"), [("short", "Use at least 12 characters."), ("password1234", "common passwords")]
)
def test_a_weak_password_is_a_fault_of_its_field(alice, administrators, password, words):
    browser = admin_of(alice)
    page = add(browser, CREDENTIALS, name="script", role=administrators.pk, password=password)
    assert any(words in told for told in page.context["adminform"].form.errors["password"])
    assert not BasicCredential.objects.exists()
    add(browser, CREDENTIALS, name="script", role=administrators.pk)
    page = do(browser, CREDENTIALS, BasicCredential.objects.get(), "rotate", password=password)
    assert any(words in told for told in page.context["form"].errors["password"])


def test_the_ready_header_is_utf_8_and_shown_once(alice, administrators):
    browser = admin_of(alice)
    page = add(browser, CREDENTIALS, name="scr\u00efpt", role=administrators.pk, password="a:pass w\u00f6rd 42")
    header = shown(page)["Authorization header"]
    assert base64.b64decode(header.removeprefix("Authorization: Basic ")).decode() == "scr\u00efpt:a:pass w\u00f6rd 42"
    assert header not in browser.get(CREDENTIALS).content.decode()


def test_credentials_are_found_by_their_expiry(alice, administrators, t100):
    now = timezone.now()
    for name, ends in {"over": now - DAY, "soon": now + DAY, "late": now + 90 * DAY, "never": None}.items():
        register(t100, administrators, name, expires_at=ends)
    browser = admin_of(alice)
    found = {wanted: listed(browser, CREDENTIALS, expiry=wanted) for wanted in ("expired", "soon", "never")}
    assert found == {"expired": ["over"], "soon": ["soon"], "never": ["never"]}
    assert len(listed(browser, CREDENTIALS)) == 4


def test_the_list_shows_expiry_and_last_use(alice, administrators, t100):
    ends, used = (datetime(2030, 5, 19, 12, 20, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    alter(register(t100, administrators, expires_at=ends), last_used_at=used)
    page = admin_of(alice).get(CREDENTIALS).content.decode()
    cells = {
        name: re.sub(r"<[^>]+>", "", cell) for name, cell in re.findall(r'class="field-(\w+)[^"]*">(.*?)</t', page)
    }
    assert "2030" in cells["expires_at"]
    assert "2026" in cells["last_used_at"]


def test_an_expiry_farther_ahead_than_the_option_is_a_fault_of_its_field(alice, administrators, t100):
    set_option("basic-credentials", "longest-lifetime-days", "10", t100)
    browser = admin_of(alice)
    far = {"expires_at_0": f"{timezone.now() + 11 * DAY:%Y-%m-%d}", "expires_at_1": "12:20:57"}
    page = add(browser, CREDENTIALS, name="script", role=administrators.pk, **far)
    assert page.context["adminform"].form.errors["expires_at"] == ["This is more than 10 days ahead."]
    add(browser, CREDENTIALS, name="script", role=administrators.pk, never_expires="on")
    made = BasicCredential.objects.get()
    assert made.expires_at is None
    made.expires_at = timezone.now() + 11 * DAY
    with pytest.raises(ValidationError, match="more than 10 days ahead"):
        credential_update(made)


# --- temporary tokens -----------------------------------------------------------------------------------------------


@pytest.fixture
def token(alice, t100, configuration_keys):
    temporary_token(alice, t100)
    return TemporaryToken.objects.get()


def test_a_token_is_revoked_with_a_reason(alice, token):
    browser = admin_of(alice)
    assert "Revoke…" in browser.get(f"{TOKENS}{token.pk}/change/").content.decode()
    do(browser, TOKENS, token, "revoke", reason="left on a desk")
    token.refresh_from_db()
    assert token.revoked_at is not None
    event = SecurityEvent.objects.get(name="temporary-token-revoked")
    assert (event.user_name, event.detail["reason"]) == ("t100\\alice", "left on a desk")
    assert "Revoke…" not in browser.get(f"{TOKENS}{token.pk}/change/").content.decode()


def test_tokens_are_looked_at_and_never_written(alice, token):
    browser = admin_of(alice)
    assert browser.get(f"{TOKENS}add/").status_code in (302, 403)
    browser.post(f"{TOKENS}{token.pk}/change/", {"expires_at_0": "2099-01-01", "expires_at_1": "00:00:00"})
    token.refresh_from_db()
    assert token.expires_at.year < 2099


def test_tokens_are_found_by_state_and_by_user(alice, token):
    browser = admin_of(alice)

    def states():
        return [wanted for wanted in ("active", "expired", "revoked") if listed(browser, TOKENS, state=wanted)]

    assert states() == ["active"]
    alter(token, expires_at=timezone.now())
    assert states() == ["expired"]
    alter(token, revoked_at=timezone.now())
    assert states() == ["revoked"]
    assert len(listed(browser, TOKENS, q="t100\\alice")) == 1
    assert len(listed(browser, TOKENS, q=token.pk)) == 1
    assert listed(browser, TOKENS, q="alic") == []
