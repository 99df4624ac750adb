"""The form of /configuration/token that registers a Basic credential: REST's rules, told at its fields."""

import base64
import re
import shlex
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from accounts.errors import ProofRefused
from accounts.models import BasicCredential, Role, Session
from accounts.services.credentials import credential_prove
from accounts.session_store import SessionStore
from activity.models import Change, SecurityEvent
from tests.accounts.configuring import ask
from tests.accounts.token_pages import PAGE, choices_of, field_of, post
from tests.cast import asking_from, basic
from tests.oauthapi.browser import Browser, set_option, words_of

REGISTER = f"{PAGE}/register"
TYPED = "a-good-long-password"


@pytest.fixture
def hers(alice):
    """The browser of contact center one's administrator."""
    return Browser().signed_in(alice)


def register(browser, **fields):
    return post(browser, REGISTER, **{"username": "nightly", "role": "ROLE_ADMIN"} | fields)


def password_of(page):
    found = re.search(r'<input id="made-password" value="([^"]*)"', page.content.decode())
    return unescape(found[1]) if found else ""


def proves(name, password):
    with asking_from("192.0.2.1"):
        try:
            return credential_prove(name=name, password=password)
        except ProofRefused:
            return None


def fault_at(page, name):
    """The words beside a field."""
    found = re.search(rf'<ul class="errorlist" id="{name}-errors">(.*?)</ul>', page.content.decode(), re.DOTALL)
    return " ".join(re.findall(r"<li>([^<]*)</li>", found[1])) if found else ""


def test_an_empty_password_is_generated_and_shown_once_with_the_header(hers, t100):
    page = register(hers)
    plain = password_of(page)
    assert page.status_code == 200
    row = BasicCredential.objects.get()
    assert (row.name, row.contact_center, row.role.name, row.enabled) == ("nightly", t100, "ROLE_ADMIN", True)
    assert timedelta(days=89) < row.expires_at - timezone.now() <= timedelta(days=90)
    assert proves("nightly", plain)
    pair = base64.b64encode(f"nightly:{plain}".encode()).decode()
    assert field_of(page, "made-header") == f"Authorization: Basic {pair}"
    assert shlex.split(field_of(page, "made-line")) == [
        *("curl", "-X", "POST", "-u", f"nightly:{plain}"),
        "http://127.0.0.1:8000/configuration/token",
    ]
    assert plain not in hers.open(PAGE).content.decode()


def test_a_typed_password_is_in_the_header_only(hers):
    page = register(hers, password="it's:a \u00fc long one")
    assert password_of(page) == ""
    assert base64.b64decode(field_of(page, "made-header").split()[-1]).decode() == "nightly:it's:a \u00fc long one"
    assert shlex.split(field_of(page, "made-line"))[4] == "nightly:it's:a \u00fc long one"
    assert proves("nightly", "it's:a \u00fc long one")


def test_the_page_tells_the_lifetime_that_is_kept(hers, t100):
    set_option("basic-credentials", "longest-lifetime-days", "10", t100)
    assert "the usual time, 10 days." in words_of(hers.open(PAGE))
    register(hers)
    assert BasicCredential.objects.get().expires_at - timezone.now() <= timedelta(days=10)


def test_any_role_may_make_the_first_call(hers):
    page = register(hers, role="Agent")
    name, password = shlex.split(field_of(page, "made-line"))[4].split(":")
    assert ask("POST", "/configuration/token", basic(name, password)).status_code == 200


def test_an_expiry_is_typed_in_utc(hers):
    register(hers, expires="2030-05-19T12:20")
    assert BasicCredential.objects.get().expires_at.isoformat() == "2030-05-19T12:20:00+00:00"


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"username": ""}, "username", "This field is needed."),
        ({"username": "a:b"}, "username", "Use no colon"),
        ({"password": "short"}, "password", "Use at least 12 characters."),
        ({"password": "x" * 129}, "password", "Use at most 128 characters."),
        ({"role": ""}, "role", "This field is needed."),
        ({"role": "NO_SUCH"}, "role", "There is no such role here."),
        ({"expires": "2001-01-01T00:00"}, "expires", "over already"),
        ({"expires": "2100-01-01T00:00"}, "expires", "days ahead"),
        ({"expires": "soon"}, "expires", "ISO 8601"),
    ],
)
def test_each_fault_stands_at_its_field_and_what_was_typed_stays(hers, fields, name, words):
    sent = {"username": "nightly", "password": TYPED, "role": "ROLE_ADMIN", "expires": "2030-05-19T12:20"} | fields
    page = register(hers, **sent)
    assert page.status_code == 400
    assert words in fault_at(page, name)
    shown = page.content.decode()
    assert "<details open>" in shown
    assert f'value="{sent["username"]}"' in shown
    assert f'value="{sent["expires"]}"' in shown
    assert ("<option selected>ROLE_ADMIN</option>" in shown) is (sent["role"] == "ROLE_ADMIN")
    assert sent["password"] not in re.sub(r'class="[^"]*"', "", shown)
    assert not BasicCredential.objects.exists()


def test_every_fault_is_told_at_once(hers):
    page = register(hers, username="", password="short", role="", expires="soon")
    assert all(fault_at(page, name) for name in ("username", "password", "role", "expires"))


def test_a_name_taken_in_the_installation_is_a_fault_of_the_name(hers):
    register(hers)
    page = register(hers, username="NIGHTLY")
    assert page.status_code == 400
    assert "A credential of this name exists already." in fault_at(page, "username")
    assert BasicCredential.objects.count() == 1


def test_only_roles_that_one_may_hand_on_are_offered(hers, alice, t100, t200):
    Role.objects.create(name="THEIRS", contact_center=t200, privileges=[])
    Role.objects.create(name="ABOVE", contact_center=t100, privileges=["signing-keys:administer"])
    Role.objects.create(name="SHARED", privileges=["places:read"])
    offered = choices_of(hers.open(PAGE), "role")
    assert {"ROLE_ADMIN", "SHARED"} <= set(offered)
    assert not {"THEIRS", "ABOVE"} & set(offered)
    page = register(hers, role="ABOVE")
    assert page.status_code == 400
    assert "You have no permission to do this." in words_of(page)
    assert not BasicCredential.objects.exists()


def test_a_forged_form_registers_nothing_and_keeps_what_was_typed(hers):
    answer = hers.http.post(REGISTER, {"username": "nightly", "role": "ROLE_ADMIN", "password": TYPED})
    assert answer.status_code == 403
    assert 'value="nightly"' in answer.content.decode()
    assert TYPED not in answer.content.decode()
    assert not BasicCredential.objects.exists()


def test_another_contact_center_is_never_written_to(hers, t200):
    answer = register(hers, contactCenter=str(t200.pk))
    assert (answer.status_code, BasicCredential.objects.count()) == (400, 0)


def test_the_password_is_kept_nowhere(hers, caplog):
    caplog.set_level("DEBUG")
    plain = password_of(register(hers))
    register(hers, username="typed", password=TYPED)
    kept = [
        caplog.text,
        *(f"{row.detail} {row.refusal}" for row in SecurityEvent.objects.all()),
        *(f"{row.before} {row.after}" for row in Change.objects.all()),
        *(str(SessionStore().decode(row.data)) for row in Session.objects.all()),
    ]
    assert len(plain) == 32
    for secret in (plain, TYPED, base64.b64encode(f"nightly:{plain}".encode()).decode()):
        assert not any(secret in str(text) for text in kept)
