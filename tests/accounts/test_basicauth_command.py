"""``manage.py basicauth``: made, rotated, switched and listed from a shell."""

import base64
import io
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.errors import ProofRefused
from accounts.models import BasicCredential, Role
from accounts.services.credentials import credential_prove
from activity.models import Change, SecurityEvent
from environment.services import contact_center_update
from tests import once
from tests.accounts.configuring import register
from tests.cast import alter, asking_from
from tests.oauthapi.browser import set_option

PASSWORD = "a-good-long-password"


def run(*words, stdin=None, monkeypatch=None):
    out = io.StringIO()
    if stdin is not None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    call_command("basicauth", *words, stdout=out)
    return out.getvalue()


def refused(*words, **rest):
    with pytest.raises(CommandError) as told:
        run(*words, **rest)
    return str(told.value)


def proves(name, password):
    with asking_from("192.0.2.1"):
        try:
            return credential_prove(name=name, password=password)
        except ProofRefused:
            return None


def password_in(text):
    return re.search(r"^Password \(shown once\): (\S+)$", text, re.MULTILINE)[1]


@pytest.fixture
def script(t100, administrators):
    return register(t100, administrators, "Script", password=PASSWORD)


# --- add ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("called", ["t100", "T100", "one.example.com", "100", "id"])
def test_a_generated_password_is_printed_once_with_its_header(t100, administrators, called):
    told = run("add", "nightly", "--contact-center", str(t100.pk) if called == "id" else called, "--role", "ROLE_ADMIN")
    row, plain = BasicCredential.objects.get(), password_in(told)
    assert (row.name, row.contact_center, row.role) == ("nightly", t100, administrators)
    assert f"Authorization: Basic {base64.b64encode(f'nightly:{plain}'.encode()).decode()}" in told.splitlines()
    assert told.count(plain) == 1
    assert proves("nightly", plain) == row


def test_a_disabled_contact_center_is_listed_and_given_nothing_new(script, t100):
    contact_center_update(t100, enabled=False)
    for called in ("t100", "100", str(t100.pk)):
        assert "Script" in run("list", "--contact-center", called)
        told = refused("add", "new", "--contact-center", called, "--role", "ROLE_ADMIN")
        assert told == "--contact-center: One is disabled."


def test_the_usual_lifetime_is_the_contact_centers_option(t100, administrators):
    set_option("basic-credentials", "default-lifetime-days", "7", t100)
    run("add", "nightly", "--contact-center", "t100", "--role", "ROLE_ADMIN")
    ends = BasicCredential.objects.get().expires_at
    assert abs(ends - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        (("--expires", "2030-05-19 12:20:57,310987z"), datetime(2030, 5, 19, 12, 20, 57, 310_000, tzinfo=UTC)),
        (("--expires", "2030-05-19T12:20:57.310Z"), datetime(2030, 5, 19, 12, 20, 57, 310_000, tzinfo=UTC)),
        (("--expires", "2030-05-19T17:50:57+05:30"), datetime(2030, 5, 19, 12, 20, 57, tzinfo=UTC)),
        (("--never",), None),
    ],
)
def test_an_expiry_is_told(t100, administrators, words, ends):
    run("add", "nightly", "--contact-center", "t100", "--role", "ROLE_ADMIN", *words)
    assert BasicCredential.objects.get().expires_at == ends


def test_a_role_of_the_contact_center_counts_before_a_shared_one(t100, t200):
    shared = Role.objects.create(name="NIGHT", privileges=["places:read"])
    own = Role.objects.create(name="NIGHT", contact_center=t100, privileges=["places:write"])
    run("add", "one", "--contact-center", "t100", "--role", "NIGHT")
    run("add", "two", "--contact-center", "t200", "--role", "NIGHT")
    assert [row.role for row in BasicCredential.objects.order_by("name")] == [own, shared]


def test_an_ops_credential_belongs_to_the_installation(db):
    told = run("add", "watch", "--installation", "--source-network", "192.0.2.0/24", "--source-network", "::1")
    row = BasicCredential.objects.get()
    assert (row.contact_center, row.role, row.expires_at) == (None, None, None)
    assert row.source_networks == ["192.0.2.0/24", "::1"]
    assert "operations, the whole installation" in told


def test_a_password_comes_from_standard_input_and_is_not_printed(t100, administrators, monkeypatch):
    words = ("add", "nightly", "--contact-center", "t100", "--role", "ROLE_ADMIN", "--password-stdin")
    told = run(*words, stdin=f"{PASSWORD}\r\nmore\n", monkeypatch=monkeypatch)
    assert PASSWORD not in told
    assert "Authorization" not in told
    assert proves("nightly", PASSWORD)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nightly", "--contact-center", "t900", "--role", "ROLE_ADMIN"), "--contact-center: there is no contact"),
        (("nightly", "--contact-center", "t100"), "--role: a credential of a contact center needs a role."),
        (("nightly", "--contact-center", "t100", "--role", "NONE"), "--role: there is no role NONE in One"),
        (("nightly", "--installation", "--role", "ROLE_ADMIN"), "--role: an ops credential has none."),
        (("a:b", "--installation"), "NAME: Use no colon"),
        (("SCRIPT", "--installation"), "NAME: This name is taken in the installation."),
        (("nightly", "--installation", "--source-network", "here"), "--source-network: here is no network."),
        (("nightly", "--installation", "--expires", "soon"), "--expires: This is a time of ISO 8601"),
        (("nightly", "--installation", "--expires", "2030-05-19T12:20"), "--expires: Tell the time zone"),
        (("nightly", "--installation", "--expires", "2001-01-01T00:00Z"), "--expires: This time is over already."),
        (("nightly", "--installation", "--expires", "2101-01-01T00:00Z"), "--expires: This is more than 1826 days"),
    ],
)
def test_an_error_names_the_option_and_nothing_is_written(script, words, told):
    before = Change.objects.count()
    assert told in refused("add", *words)
    assert BasicCredential.objects.count() == 1
    assert Change.objects.count() == before


def test_a_weak_password_is_refused_by_add_and_rotate(script, monkeypatch):
    told = refused("add", "new", "--installation", "--password-stdin", stdin="short\n", monkeypatch=monkeypatch)
    assert told == "--password-stdin: Use at least 12 characters."
    told = refused("rotate", "Script", "--password-stdin", stdin="password1234\n", monkeypatch=monkeypatch)
    assert told == "--password-stdin: This password is on the list of common passwords."
    assert proves("Script", PASSWORD)
    assert "short" not in told


# --- rotate, disable, enable ----------------------------------------------------------------------------------------


def test_a_rotated_password_is_the_only_one_that_opens(script):
    plain = password_in(run("rotate", "sCRIPT", "--reason", "leaked"))
    assert proves("Script", plain)
    assert not proves("Script", PASSWORD)
    change = Change.objects.get(object_type="basic-credentials", action="update")
    assert (change.actor_kind, change.reason) == ("command", "leaked")


def test_a_disabled_credential_is_refused_until_it_is_enabled(script):
    assert "is disabled" in run("disable", "Script", "--reason", "holidays")
    assert not proves("Script", PASSWORD)
    assert Change.objects.filter(reason="holidays").exists()
    assert "was disabled before" in run("disable", "Script")
    assert "is enabled" in run("enable", "script")
    assert proves("Script", PASSWORD)


@pytest.mark.parametrize("verb", ["rotate", "disable", "enable"])
def test_a_name_that_there_is_not_is_told(db, verb):
    assert refused(verb, "nobody") == "NAME: there is no Basic credential nobody."


def test_passwords_are_in_no_change_and_no_event(t100, administrators, caplog):
    caplog.set_level("DEBUG")
    made = password_in(run("add", "nightly", "--contact-center", "t100", "--role", "ROLE_ADMIN"))
    rotated = password_in(run("rotate", "nightly"))
    kept = [caplog.text, *(f"{row.before}{row.after}" for row in Change.objects.all())]
    kept += [f"{row.detail}{row.refusal}" for row in SecurityEvent.objects.all()]
    assert not any(secret in text for secret in (made, rotated) for text in kept)


# --- list -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def several(script, t200):
    role = Role.objects.create(name="NIGHT", contact_center=t200, privileges=[])
    register(t200, role, "over", expires_at=timezone.now() - timedelta(days=1))
    register(t200, role, "off", enabled=False)
    run("add", "watch", "--installation")
    alter(script, last_used_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))


def test_the_table_tells_state_expiry_and_last_use(several):
    lines = run("list").splitlines()
    cells = {line.split()[0]: re.split(r"\s{2,}", line) for line in lines[1:]}
    assert re.split(r"\s{2,}", lines[0]) == ["name", "contact center", "role", "state", "expires", "last used"]
    assert cells["Script"] == ["Script", "t100", "ROLE_ADMIN", "active", "never", "2026-01-02 03:04 UTC"]
    assert cells["over"][3] == "expired"
    assert cells["off"][3] == "disabled"
    assert cells["watch"][1] == "(ops)"


def test_the_list_is_json_for_programs_and_holds_no_secret(several):
    text = run("list", "--format", "json")
    rows = {row["name"]: row for row in json.loads(text)}
    assert set(rows) == {"Script", "over", "off", "watch"}
    assert rows["Script"]["contactCenter"]["number"] == 100
    assert rows["Script"]["lastUsed"] == "2026-01-02T03:04:00+00:00"
    assert rows["watch"]["contactCenter"] is None
    assert "argon2" not in text
    assert "password" not in text


def test_the_list_is_narrowed(several):
    def names(*words):
        return sorted(row["name"] for row in json.loads(run("list", "--format", "json", *words)))

    assert names("--contact-center", "t200") == ["off", "over"]
    assert names("--expired") == ["over"]
    assert names("--contact-center", "t100", "--expired") == []
    assert "--contact-center" in refused("list", "--contact-center", "t900")


def test_a_refusal_ends_with_exit_code_one(tmp_path):
    """From a real shell, against an empty database."""
    root = Path(__file__).resolve().parent.parent.parent
    environ = {"VAR_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def manage(*words):
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False, timeout=120)

    shutil.copyfile(once.migrated("")[0], tmp_path / "db.sqlite3")
    done = manage("basicauth", "disable", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "NAME: there is no Basic credential nobody." in done.stderr
    assert manage("basicauth", "add", "watch", "--installation").returncode == 0
