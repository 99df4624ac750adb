"""The outermost layers, through small views of their own: ids, the access line, guards, and errors in the dialect."""

import logging
import re
from http import HTTPStatus

import pytest
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.db import OperationalError, connection
from django.http import Http404, JsonResponse
from django.test import Client
from django.urls import re_path

from config.context import current
from config.http.pages import not_found
from config.http.views import ApiView

RAISED = {
    "missing": (Http404("x"), 404),
    "denied": (PermissionDenied("x"), 403),
    "locked": (OperationalError("database is locked"), 503),
    "mistake": (OperationalError("no such table: x"), 500),
    "huge": (RequestDataTooBig("x"), 413),
    "interrupted": (SessionInterrupted("x"), 400),
    "invalid": (ValidationError({"name": ["too short"]}), 400),
    "bug": (RuntimeError("secret inside"), 500),
}


class Open(ApiView):
    required = False
    proofs = ()

    def get(self, request, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return JsonResponse({"id": current().request_id, "host": current().address})

    def post(self, request, **kwargs):
        return JsonResponse({"read": self.json()})


class Closed(ApiView):
    def get(self, request, **kwargs):
        return JsonResponse({})


class Raising(ApiView):
    required = False
    proofs = ()

    def get(self, request, what):
        raise RAISED[what][0]


def plain(request, what):
    raise RAISED[what][0]


urlpatterns = [
    re_path(r"^auth/v3/open/?$", Open.as_view()),
    re_path(r"^auth/v3/closed/?$", Closed.as_view()),
    re_path(r"^auth/v3/raise/(?P<what>\w+)$", Raising.as_view()),
    re_path(r"^auth/v3/plain/(?P<what>\w+)$", plain),
    re_path(r"^page/(?P<what>\w+)$", plain),
    re_path(r"^livez$", Open.as_view()),
    re_path(r"^auth/v3/", not_found),
]
handler400 = "config.http.pages.handler400"
handler403 = "config.http.pages.handler403"
handler404 = "config.http.pages.handler404"
handler500 = "config.http.pages.handler500"

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def test_a_sane_request_id_is_kept_and_others_replaced(client):
    assert client.get("/auth/v3/open", headers={"x-request-id": "trace-0001"})["X-Request-ID"] == "trace-0001"
    for sent in ("short", "with space in it", "x" * 129, "new\nline-here"):
        made = client.get("/auth/v3/open", headers={"x-request-id": sent})["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_the_context_is_the_requests(client):
    response = client.get("/auth/v3/open", REMOTE_ADDR="203.0.113.9")
    assert response.json() == {"id": response["X-Request-ID"], "host": "203.0.113.9"}


def test_one_access_line_per_request_without_query_string(client, caplog):
    with caplog.at_level(logging.INFO, "deskgate.access"):
        client.get("/auth/v3/open?code=hunter2")
    (record,) = [each for each in caplog.records if each.name == "deskgate.access"]
    assert record.getMessage() == "request"
    assert (record.status, record.outcome, record.statements) == (200, "ok", 1)
    assert record.db_ms <= record.ms
    assert "hunter2" not in str(record.__dict__)


def test_a_refusal_stands_in_the_access_line(client, caplog):
    with caplog.at_level(logging.INFO, "deskgate.access"):
        client.get("/auth/v3/closed")
    (record,) = [each for each in caplog.records if each.name == "deskgate.access"]
    assert (record.status, record.outcome, record.refusal) == (401, "refused", "invalid_token")


@pytest.mark.parametrize("prefix", ["raise", "plain"])
@pytest.mark.parametrize("what", RAISED)
@pytest.mark.parametrize("debug", [False, True])
def test_whatever_is_raised_answers_in_the_dialect(client, settings, prefix, what, debug):
    settings.DEBUG = debug
    response = client.get(f"/auth/v3/{prefix}/{what}", headers={"accept": "text/html"})
    assert response.status_code == RAISED[what][1]
    assert response["Content-Type"] == "application/json"
    assert {"error", "error_description", "status"} <= set(response.json())
    assert b"secret inside" not in response.content
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        assert response["Retry-After"]


def test_the_unexpected_is_logged_with_its_traceback(client, caplog):
    client.get("/auth/v3/raise/bug")
    (record,) = [each for each in caplog.records if each.getMessage() == "unexpected"]
    assert record.exc_info[0] is RuntimeError


@pytest.mark.parametrize("what", ["missing", "denied", "locked", "invalid", "bug"])
def test_people_get_pages(client, what):
    response = client.get(f"/page/{what}")
    assert response.status_code == RAISED[what][1]
    text = response.content.decode()
    assert "<!DOCTYPE html>" in text
    assert response["X-Request-ID"] in text
    assert "secret inside" not in text
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", text)


@pytest.mark.parametrize("debug", [False, True])
def test_an_unknown_api_path_is_404_in_the_dialect(client, settings, debug):
    settings.DEBUG = debug
    response = client.get("/auth/v3/nothing/here", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert response.json()["status"]["code"] == 6
    other = client.get("/environment/v3/nothing")
    assert (other.status_code, other.json()["error"]) == (404, "not_found")


def test_a_wrong_method_is_405_with_allow_before_any_proof_is_asked(client):
    response = client.delete("/auth/v3/closed")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response.json()["status"]["code"] == 3


def test_options_proves_nothing(client):
    response = client.options("/auth/v3/closed")
    assert response.status_code == 204
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_without_proof_401_with_a_challenge_without_an_error_code(client):
    response = client.get("/auth/v3/closed", headers={"authorization": "bearer"})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="Deskgate"'


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "nonsense"])
@pytest.mark.parametrize("path", ["/auth/v3/open", "/auth/v3/open/", "/auth/v3/open?", "/auth/v3/open?format=xml"])
def test_a_get_is_json_whatever_its_headers_say(client, accept, path):
    response = client.get(path, headers={"accept": accept}, CONTENT_TYPE="application/json")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("media", ["application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense"])
def test_an_empty_body_is_an_empty_object_and_json_is_read_whatever_its_type(client, media):
    assert client.post("/auth/v3/open", b"", content_type=media).json() == {"read": {}}
    assert client.post("/auth/v3/open", b'{"a": 1}', content_type=media).json() == {"read": {"a": 1}}


@pytest.mark.parametrize("body", [b"[1]", b"{", b'"x"', b"[" * 100_000, b'{"a": "\\u0000"}'])
def test_a_body_that_is_no_object_is_400(client, body):
    assert client.post("/auth/v3/open", body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("path", ["/auth/v3/open?a=%00", "/auth/v3/open%00", "/page/x?b=1%00"])
def test_nul_in_the_address_is_400(client, path):
    assert client.get(path).status_code == 400


def test_a_foreign_host_is_refused_but_probes_are_answered(client, settings):
    settings.ALLOWED_HOSTS = ["auth.example.com"]
    settings.DESKGATE_PUBLIC_URL = "https://auth.example.com"
    refused = client.get("/auth/v3/open", headers={"host": "evil.example"})
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/json")
    assert client.get("/livez", headers={"host": "10.1.2.3"}).status_code == 200


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ({"REMOTE_ADDR": "203.0.113.9"}, 403),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_PROTO": "https"}, 403),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 403),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_X_FORWARDED_PROTO": "https"}, 200),
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
    ],
)
def test_production_refuses_credentials_over_plain_http(client, settings, meta, status):
    settings.DESKGATE_MODE = "production"
    settings.DESKGATE_TRUSTED_PROXIES = ("10.0.0.0/8",)
    answer = client.get("/auth/v3/open", headers={"authorization": "Basic eDp5"}, **meta)
    assert answer.status_code == status
    assert client.get("/auth/v3/open", **meta).status_code == 200
