"""The page by which a customer enrols: its QR code, its first code, and what it keeps to itself."""

from __future__ import annotations

import io
import logging.config
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from config.logs import logging_config
from environment.models import ContactCenter
from tests.tools import needs
from tests.twofactor.customer_cast import NOW, a_customer, at, device
from twofactor.models import Authenticator, Customer, RecoveryCode
from twofactor.seeds import provisioning_uri, seed_groups, seed_unseal
from twofactor.services.authenticators import Enrolment, authenticator_begin, authenticator_verify
from twofactor.views import enrol

pytestmark = [pytest.mark.django_db, needs("oathtool")]


@pytest.fixture
def jane(t100: ContactCenter) -> Customer:
    return a_customer(t100, "A 1001 & Söhne")


@pytest.fixture
def begun(jane: Customer) -> Enrolment:
    return authenticator_begin(jane)


@pytest.fixture
def seed(begun: Enrolment) -> bytes:
    return seed_unseal(begun.authenticator.seed, begun.authenticator.pk)


def path(begun: Enrolment) -> str:
    return begun.url.removeprefix(settings.DESKGATE_PUBLIC_URL)


def browser() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def drawn(page: str) -> Any:
    """The QR code of the page as a picture: each stroke of its path is one row of dark modules."""
    from PIL import Image

    svg = re.search(r'<svg[^>]*viewBox="0 0 (\d+) (\d+)".*?</svg>', page, re.DOTALL)
    assert svg
    size, scale = int(svg[1]), 4
    picture = Image.new("L", (size, size), 255)
    (dark,) = re.findall(r'<path[^>]*stroke="#000"[^>]* d="([^"]+)"|<path[^>]* d="([^"]+)"[^>]*stroke="#000"', svg[0])
    x = y = 0.0
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", "".join(dark)):
        found = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if step == "h":
            for column in range(int(found[0])):
                picture.putpixel((int(x) + column, int(y)), 0)
            x += found[0]
        else:
            x, y = (found[0], found[1]) if step == "M" else (x + found[0], y + found[1])
    return picture.resize((size * scale, size * scale), 0)


def test_the_qr_code_reads_back_as_the_uri_of_the_authenticator(begun: Enrolment, seed: bytes, jane: Customer) -> None:
    zxing = pytest.importorskip("zxingcpp", reason="pip install -r requirements-dev.txt")
    page = text_of(browser().get(path(begun)))
    (code,) = zxing.read_barcodes(drawn(page))
    assert code.text == provisioning_uri(seed, issuer="One", account=jane.account)
    assert seed_groups(seed) in page


def test_the_page_is_kept_by_nobody_and_leads_nowhere(begun: Enrolment) -> None:
    answer = browser().get(path(begun))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "unsafe" not in answer["Content-Security-Policy"]
    page = text_of(answer)
    assert begun.token not in page
    assert not re.search(r"\bstyle=|<style|<script|\bon[a-z]+=", page)


def test_looking_at_the_page_changes_nothing(begun: Enrolment) -> None:
    before = list(Authenticator.objects.values())
    for method in ("get", "head", "get"):
        assert getattr(browser(), method)(path(begun)).status_code == 200
    assert list(Authenticator.objects.values()) == before
    assert browser().put(path(begun)).status_code == 405


def test_the_first_code_brings_the_recovery_codes_once(
    begun: Enrolment, seed: bytes, jane: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, NOW)
    code = device(NOW, seed)
    answer = browser().post(path(begun), {"code": f" {code[:3]} {code[3:]}"})
    assert answer.status_code == 200, text_of(answer)
    assert answer["Cache-Control"] == "no-store"
    codes = [one.replace(" ", "") for one in re.findall(r"<li><code>(\d{5} \d{5})</code>", text_of(answer))]
    assert len(codes) == RecoveryCode.objects.count() == 10
    assert all(authenticator_verify(jane, one) for one in codes)
    assert browser().get(path(begun)).status_code == 410
    assert browser().post(path(begun), {"code": device(NOW, seed, ahead=1)}).status_code == 410


def test_a_wrong_first_code_may_be_tried_again_five_times_in_all(
    begun: Enrolment, seed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, NOW)
    wrong = f"{(int(device(NOW, seed)) + 1) % 10**6:06d}"
    # What is no code is not compared, and does not count.
    for strange in ("", "12345", "1234567", "abcdef", "\x00", "\uff11" * 6):
        assert browser().post(path(begun), {"code": strange}).status_code == 400
    for turn in range(5):
        answer = browser().post(path(begun), {"code": wrong})
        # After the last one there is nothing to try again.
        assert answer.status_code == (400 if turn < 4 else 410)
        assert wrong not in text_of(answer)
    assert browser().post(path(begun), {"code": device(NOW, seed)}).status_code == 410
    assert not Authenticator.objects.filter(confirmed_at__isnull=False).exists()


def test_every_link_that_does_not_work_gets_the_same_page(begun: Enrolment, jane: Customer) -> None:
    used = path(begun)
    authenticator_begin(jane)
    pages = {
        (answer.status_code, text_of(answer))
        for where in (used, f"{used[:-1]}x", "/twofactor/enrol/x", f"/twofactor/enrol/{'A' * 43}", "/twofactor/enrol/é")
        for answer in (browser().get(where), browser().post(where, {"code": "123456"}))
    }
    assert len(pages) == 1
    assert pages.pop()[0] == 410


def test_one_address_asks_so_often_and_no_more(begun: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrol, "REQUESTS", 5)
    monkeypatch.setattr(enrol, "SECONDS", 3600)
    answers = [browser().get(path(begun)) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert browser().post(path(begun), {"code": "123456"}).status_code == 429
    assert browser().get(path(begun), REMOTE_ADDR="192.0.2.77").status_code == 200


def test_no_log_tells_the_link_the_seed_or_a_code(
    begun: Enrolment, seed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, NOW)
    wrong = f"{(int(device(NOW, seed)) + 1) % 10**6:06d}"
    config = logging_config(level="DEBUG", format="json")
    config["handlers"]["stderr"]["stream"] = log = io.StringIO()
    logging.config.dictConfig(config)
    try:
        browser().get(path(begun))
        browser().post(path(begun), {"code": wrong})
        browser().delete(path(begun))
        with monkeypatch.context() as broken:
            # An error that nobody foresaw is told with the path and the traceback.
            broken.setattr(enrol, "pending_by", None)
            assert browser().get(path(begun)).status_code == 500
        browser().post(path(begun), {"code": device(NOW, seed)})
    finally:
        logging.config.dictConfig(settings.LOGGING)
    told = log.getvalue()
    assert '"path": "/twofactor/enrol/[redacted]"' in told
    for secret in (begun.token, seed_groups(seed), seed_groups(seed).replace(" ", ""), wrong, device(NOW, seed)):
        assert secret not in told
