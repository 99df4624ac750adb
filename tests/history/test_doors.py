"""Doors: each application has its own, the bare paths are one of them, and no two are ever merged."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from environment.models import Application, ContactCenter
from environment.services import application_create, application_update, contact_center_update
from history import options
from tests.history.asking import PAIR, USER, ask, put, server

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.history.urls")]
PREFIXES = ("/server/data", "/backend/data", "/history/GWE/server/data", "/history/GWE/backend/data")


def named(name: str) -> str:
    return f"/history/{name}/server/data/who"


@pytest.fixture
def gwe(t100: ContactCenter) -> Application:
    return server("GWE", t100, PAIR)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_four_paths_lead_to_one_door(gwe: Application, prefix: str, slash: str) -> None:
    answer = ask(f"{prefix}/who{slash}", PAIR)
    assert (answer.status_code, answer.json()) == (200, {"application": "GWE", "words": {}})
    deeper = ask(f"{prefix}/who/a%40b{slash}", PAIR)
    assert deeper.json() == {"application": "GWE", "words": {"what": "a@b"}}
    assert ask(f"{prefix}/who{slash}").status_code == 401


@pytest.mark.parametrize("name", ["Web Engagement (1)", "Größe 7", "a.b+c&d?e#f%", "x" * 255])
def test_a_name_is_percent_decoded(t100: ContactCenter, name: str) -> None:
    from urllib.parse import quote

    server(name, t100, PAIR)
    assert ask(named(quote(name)), PAIR).json()["application"] == name


def test_one_doors_pair_does_not_open_another(gwe: Application, t100: ContactCenter, t200: ContactCenter) -> None:
    server("Two", t200, ("two", "another-word-22"))
    server("Beside", t100, ("beside", "another-word-33"))
    assert ask(named("Two"), PAIR).status_code == ask(named("Beside"), PAIR).status_code == 401
    assert ask(named("Two"), (USER, "another-word-22")).status_code == 401
    assert ask(named("Two"), ("two", "another-word-22")).json()["application"] == "Two"
    assert ask(named("GWE"), PAIR).json()["application"] == "GWE"


def test_what_is_no_door_is_404(gwe: Application, t100: ContactCenter, t200: ContactCenter) -> None:
    application_create(name="Workspace", contact_center=t100, type=options.WORKSPACE)
    server("Shared", None, PAIR)
    server("Two", t200, PAIR)
    off = server("Off", t100, PAIR)
    application_update(off, enabled=False)
    contact_center_update(t200, enabled=False)
    for name in ("Workspace", "Shared", "Two", "Off", "nobody", "gwe", "GWE%20"):
        answer = ask(named(name), PAIR)
        assert (name, answer.status_code) == (name, 404)
        assert answer.json()["title"] == "Not Found"


@pytest.mark.parametrize(
    "path",
    ["/server/data", "/server/data/", "/backend/data/what", "/history/GWE/server/data", "/history/GWE", "/history",
     "/history//server/data/who", "/server/tracker/what", "/history/a/b/server/data/who"],
)  # fmt: skip
def test_unknown_paths_are_404_in_the_dialect(gwe: Application, path: str) -> None:
    answer = ask(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json; charset=UTF-8")
    assert list(answer.json()) == ["code", "title", "description"]


def test_another_method_is_405_before_anything(db: None) -> None:
    for path in ("/server/data/who", named("nobody")):
        answer = ask(path, method="delete")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, HEAD, OPTIONS")
        assert answer.json()["code"] == 405
        assert ask(path, method="options").status_code == 204


def assert_nobody_answers(answer: Any) -> None:
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"
    assert answer.json() == {
        "code": 503,
        "title": "Service Unavailable",
        "description": "No Web Engagement Server application answers here.",
    }


def test_without_any_application_nobody_answers(t100: ContactCenter) -> None:
    application_create(name="Workspace", contact_center=t100, type=options.WORKSPACE)
    assert_nobody_answers(ask())


def test_the_only_enabled_one_is_the_default(gwe: Application, t200: ContactCenter) -> None:
    off = server("Off", t200, PAIR)
    application_update(off, enabled=False)
    assert ask(pair=PAIR).json()["application"] == "GWE"


def test_of_several_the_option_names_one(gwe: Application, t200: ContactCenter) -> None:
    two = server("Two", t200, PAIR)
    assert_nobody_answers(ask(pair=PAIR))
    put(None, "default-application", "Two", section="history")
    assert ask(pair=PAIR).json()["application"] == ask("/backend/data/who", PAIR).json()["application"] == "Two"
    assert ask(named("GWE"), PAIR).json()["application"] == "GWE"
    application_update(two, enabled=False)
    # Not the other one, though it is the only one now: somebody said which.
    assert_nobody_answers(ask(pair=PAIR))
    put(None, "default-application", "nobody", section="history")
    assert_nobody_answers(ask(pair=PAIR))


def test_addresses_are_made_for_the_bare_path(db: None) -> None:
    assert reverse("history-who") == "/server/data/who"


def test_one_of_the_four_is_described(db: None) -> None:
    from tests.history.urls import urlpatterns

    found = SchemaGenerator(patterns=urlpatterns).get_schema(request=None, public=True)["paths"]
    assert {path for path in found if path.endswith("/who")} == {"/server/data/who"}
