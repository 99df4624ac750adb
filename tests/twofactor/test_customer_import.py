"""``manage.py import_customers``, and customers in provisioning files."""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from activity.models import Change
from environment.models import ContactCenter
from environment.provision.faults import Faults
from environment.provision.planning import Plan
from tests.tools import needs
from tests.twofactor.customer_cast import EMAIL, NOW, PHONE, SEED, a_customer, at, device, enrolled
from twofactor.management.commands import import_customers
from twofactor.models import Authenticator, Customer
from twofactor.seeds import seed_text
from twofactor.selectors.customers import has_authenticator
from twofactor.services.authenticators import authenticator_verify
from twofactor.services.recovery_codes import recovery_codes_renew

pytestmark = pytest.mark.django_db
HEAD = "Action,Account,Email,Phone,Authenticator seed"


def written(tmp_path: Path, *lines: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path = tmp_path / "customers.csv"
    path.write_text("\r\n".join([head, *lines, ""]), encoding=encoding, newline="")
    return path


def run(path: Path, *words: str, code: int = 0, home: str = "t100") -> str:
    """What the command said; it ended with this code."""
    out, ended = StringIO(), 0
    try:
        call_command("import_customers", str(path), "--contact-center", home, *words, stdout=out)
    except SystemExit as exit_:
        ended = int(exit_.code or 0)
    assert ended == code, out.getvalue()
    return out.getvalue()


def refused(path: Path) -> list[dict[str, str]]:
    with path.with_name("customers.csv.refused.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@needs("oathtool")
def test_a_file_adds_updates_and_deletes(t100: ContactCenter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_customer(t100, "A-2"), a_customer(t100, "A-3")
    path = written(
        tmp_path,
        f"ADD,A-1,{EMAIL},+1 (415) 555-0142,{seed_text(SEED)}",
        "update,a-2,new@example.org,,",
        "DELETE,A-3,,,",
        ",A-4,four@example.org,,",
        ",A-4,,+442079460958,",
    )
    assert "2 added, 2 updated, 1 deleted; 0 refused." in run(path)
    rows = dict(Customer.objects.values_list("account", "email"))
    assert rows == {"A-1": EMAIL, "A-2": "new@example.org", "A-4": "four@example.org"}
    phones = dict(Customer.objects.values_list("account", "phone"))
    assert phones == {"A-1": PHONE, "A-2": PHONE, "A-4": "+442079460958"}
    jane = Customer.objects.get(account="A-1")
    at(monkeypatch, NOW)
    assert authenticator_verify(jane, device(NOW))
    assert not path.with_name("customers.csv.refused.csv").exists()
    # One row for each object: the customer and its authenticator.
    assert Change.objects.filter(action="create", object_id__in=[str(jane.pk)]).count() == 1


def test_refused_lines_are_left_out_and_written_with_their_reasons(t100: ContactCenter, tmp_path: Path) -> None:
    a_customer(t100, "A-1")
    path = written(
        tmp_path,
        "ADD,A-1,,,",
        "ADD,A-2,not an address,12345,GEZ",
        "UPDATE,A-3,,,",
        "DELETE,A-3,,,",
        "REMOVE,A-1,,,",
        "ADD,,,,",
        "ADD,A-5,five@example.org,,",
    )
    assert "1 added, 0 updated, 0 deleted; 6 refused" in run(path, code=3)
    assert set(Customer.objects.values_list("account", flat=True)) == {"A-1", "A-5"}
    told = refused(path)
    assert [int(row["Line"]) for row in told] == [2, 3, 4, 5, 6, 7]
    for word in ("Email: ", "Phone: ", "Authenticator seed: "):
        assert word in told[1]["Reason"]
    for row in told:
        assert not any(row[name] and row[name] in row["Reason"] for name in ("Email", "Phone", "Authenticator seed"))
    assert told[1]["Phone"] == "12345"
    mode = path.with_name("customers.csv.refused.csv").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    with pytest.raises(CommandError, match="is there already"):
        run(path)


def test_a_trial_writes_nothing(t100: ContactCenter, tmp_path: Path) -> None:
    path = written(tmp_path, "ADD,A-1,,,", "ADD,A-2,wrong,,")
    said = run(path, "--dry-run", code=3)
    assert "1 would be added" in said
    assert "line 3: Email: " in said
    assert not Customer.objects.exists()
    assert not Change.objects.filter(object_type="customers").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["customers.csv"]


def test_a_file_of_several_transactions_is_taken_whole(
    t100: ContactCenter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_customers, "LINES", 7)
    path = written(tmp_path, *(f"ADD,N-{n},n{n}@example.org,," for n in range(30)))
    stamp = t100.config_stamp
    assert "30 added" in run(path)
    assert Customer.objects.count() == 30
    t100.refresh_from_db()
    assert t100.config_stamp != stamp


def test_a_seed_of_the_file_is_the_first_one_only(t100: ContactCenter, tmp_path: Path) -> None:
    jane = a_customer(t100, "A-1")
    enrolled(jane)
    codes = recovery_codes_renew(jane)
    run(written(tmp_path, f"UPDATE,A-1,,,{seed_text(SEED)}"))
    assert authenticator_verify(jane, codes[0])
    run(written(tmp_path, f"UPDATE,A-1,other@example.org,,{seed_text(b'x' * 20)}"), code=3)
    assert "reset it first" in refused(tmp_path / "customers.csv")[0]["Reason"]
    # A refused line is refused whole.
    assert Customer.objects.get().email == EMAIL
    assert authenticator_verify(jane, codes[1])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Email,Phone\r\na@b.example,\r\n", "the column Account is missing"),
        (b"Account,Colour\r\nA,red\r\n", "there is no column 'Colour'"),
        (b"Account,account\r\nA,B\r\n", "is there twice"),
        (b"Account\r\n\xff\xfe\r\n", "not UTF-8"),
        (b"Account,Email\r\nA,b,c\r\n", "more cells"),
        (b'Account\r\n"A\r\n', "no CSV file"),
        (b"Account\r\n" + b"A" * 5000 + b"\r\n", "no CSV file"),
        (b"", "the column Account is missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_so(t100: ContactCenter, tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=told):
        run(path)
    assert not Customer.objects.exists()


def test_what_a_spreadsheet_writes_is_read(t100: ContactCenter, tmp_path: Path) -> None:
    path = written(tmp_path, 'A-1;"+1 415 555 0142";x@example.org', "", ";;", head="account;PHONE;Email",
                   encoding="utf-8-sig")  # fmt: skip
    assert "1 added" in run(path)
    assert Customer.objects.get().phone == PHONE


def test_nothing_is_guessed_of_files_and_contact_centers(t100: ContactCenter, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no contact center"):
        run(written(tmp_path), home="t999")
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "nothing.csv")


FILE = """
two-factor-customers:
  - contact-center: t100
    account: A-1001
    email: jane.roe@dental.example.com
    phone: "+1 415 555 0142"
    authenticator-seed: GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
"""


def test_a_provisioning_file_makes_customers_and_changes_nothing_twice(
    t100: ContactCenter, provision: Callable[[str], Plan]
) -> None:
    plan = provision(FILE)
    assert [step.action for step in plan.steps] == ["add"]
    jane = Customer.objects.get()
    assert (jane.account, jane.email, jane.phone) == ("A-1001", EMAIL, PHONE)
    assert has_authenticator(jane)
    first = Authenticator.objects.get().pk
    # The seed is the first one only; the account is the same in any case.
    again = provision(FILE.replace("GEZDGNBV", "MZXW6YTB").replace("A-1001", "a-1001"))
    assert [step.action for step in again.steps] == ["same"]
    assert Authenticator.objects.get().pk == first


def test_a_plan_shows_no_address(t100: ContactCenter, provision: Callable[[str], Plan]) -> None:
    provision(FILE)
    plan = provision(FILE.replace("jane.roe@", "jane.doe@").replace("0142", "0143"))
    (step,) = plan.steps
    assert step.action == "change"
    shown = " ".join(f"{diff.field} {diff.shown}" for diff in step.diffs)
    assert "email" in shown
    for part in ("jane", "0142", "0143", "dental"):
        assert part not in shown
    assert Customer.objects.get().email == "jane.doe@dental.example.com"


@pytest.mark.parametrize(
    ("field", "part", "other"),
    [("email", "jane.roe@", "jane roe "), ("phone", "+1 415", "415"), ("authenticator-seed", "GEZDGNBV", "0189")],
)
def test_what_a_provisioning_file_has_wrong_is_told_without_being_quoted(
    t100: ContactCenter, provision: Callable[[str], Plan], field: str, part: str, other: str
) -> None:
    with pytest.raises(Faults) as faults:
        provision(FILE.replace(part, other))
    (fault,) = faults.value.faults
    assert fault.line
    assert fault.path == f"two-factor-customers[0].{field}"
    for quoted in ("jane roe", "555 0142", "0189"):
        assert quoted not in str(fault)
    assert not Customer.objects.exists()
