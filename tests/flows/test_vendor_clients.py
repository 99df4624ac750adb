"""How the vendor's generated clients, curl lines and scripts really speak.

Written with a bare HTTP client, so that what goes over the wire is exactly what stands here.
"""

import base64
import http.client
import json
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from tests.cast import CHALLENGE, PASSWORD, SECRET, VERIFIER
from tests.flows.people import members_of

pytestmark = pytest.mark.live
API = "/auth/v3"
FORM = "application/x-www-form-urlencoded"


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


CLIENT = basic("desk", SECRET)
USER = basic("t100\\agent", PASSWORD)


def raw(
    live: str, method: str, target: str, body: str | None = None, **headers: str
) -> tuple[int, dict[str, str], str]:
    """Send the target as it stands; status, headers (lower case) and body."""
    connection = http.client.HTTPConnection(urlsplit(live).netloc, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, target, body=body, headers=named)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text


def token_of(live: str, user: str = "t100\\agent", password: str = PASSWORD) -> dict[str, str]:
    answer = httpx.post(
        f"{live}{API}/oauth/token",
        headers={"Authorization": CLIENT},
        data={"grant_type": "password", "username": user, "password": password},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def bearer(live):
    """As every documented example writes it."""
    return "bearer " + token_of(live)["access_token"]


def test_every_get_comes_with_a_json_content_type_and_no_body(live, bearer):
    for path in ("/userinfo", "/openid/userinfo", "/jwt-userinfo", "/ping"):
        status, headers, _ = raw(live, "GET", API + path, Authorization=bearer, Content_Type="application/json")
        assert (path, status) == (path, 200)
        assert headers["content-type"].startswith("application/json")


def test_sign_out_comes_as_an_empty_post_with_a_json_content_type(live, bearer):
    empty = {"Authorization": bearer, "Content_Type": "application/json", "Content_Length": "0"}
    status, _, body = raw(live, "POST", f"{API}/sign-out", "", **empty)
    assert (status, body) == (200, '{"status":{"code":0}}')
    assert raw(live, "POST", f"{API}/sign-out", "", **empty)[0] == 401


@pytest.mark.parametrize("word", ["bearer", "Bearer", "BEARER"])
def test_the_bearer_scheme_comes_in_any_case(live, word):
    token = token_of(live)["access_token"]
    assert raw(live, "GET", f"{API}/userinfo", Authorization=f"{word} {token}")[0] == 200


def test_the_bare_word_bearer_counts_as_absent(live):
    for path, status in (("/userinfo", 401), ("/ping", 403)):
        assert raw(live, "GET", API + path, Authorization="bearer")[0] == status
    body = '{"data":{"userName":"t100\\\\changing","oldPassword":"%s","newPassword":"%s"}}'
    there, back = body % (PASSWORD, "brand-new-words-7"), body % ("brand-new-words-7", "other-new-words-8")
    for each in (there, back):
        status, _, text = raw(
            live, "POST", f"{API}/change-password", each, Authorization="bearer", Content_Type="application/json"
        )
        assert status == 200, text


def test_change_password_comes_without_any_authorization(live):
    body = '{"data":{"userName":"t100\\\\agent","oldPassword":"wrong","newPassword":"brand-new-words-7"}}'
    status, _, text = raw(live, "POST", f"{API}/change-password", body, Content_Type="application/json")
    assert status == 403
    assert "Unable to update password" in text


@pytest.mark.parametrize(
    "path", ["/userinfo?", "/openid/userinfo?", "/jwt-userinfo?", "/ping?", "/userinfo/", "/ping/?"]
)
def test_a_trailing_question_mark_or_slash_is_what_the_documented_curl_lines_send(live, bearer, path):
    assert raw(live, "GET", API + path, Authorization=bearer)[0] == 200


def test_sign_out_and_token_take_a_trailing_question_mark(live, bearer):
    body = f"grant_type=client_credentials&client_id=desk&client_secret={SECRET}"
    assert raw(live, "POST", f"{API}/oauth/token?", body, Content_Type=FORM)[0] == 200
    assert raw(live, "POST", f"{API}/sign-out?", "", Authorization=bearer)[0] == 200


@pytest.mark.parametrize("accept", ["*/*", FORM, "application/json", "text/html", "application/xml", ""])
def test_whatever_accept_says_the_answer_is_json(live, accept):
    """The Java client sends ``*/*`` and throws unless JSON comes back; the seed's sample sends the form's type."""
    body = f"grant_type=client_credentials&client_id=desk&client_secret={SECRET}&scope=*"
    for sent, status in ((body, 200), ("grant_type=nonsense", 400), ("grant_type=client_credentials&client_id=x", 401)):
        got, headers, _ = raw(live, "POST", f"{API}/oauth/token", sent, Accept=accept, Content_Type=FORM)
        assert got == status
        assert headers["content-type"].split(";")[0] == "application/json"
    got, headers, _ = raw(live, "GET", f"{API}/userinfo", Accept=accept)
    assert (got, headers["content-type"].split(";")[0]) == (401, "application/json")


def test_x_api_key_belongs_to_a_gateway_and_is_ignored(live, bearer):
    for key in ("a-key", "", "x" * 500):
        assert raw(live, "GET", f"{API}/userinfo", Authorization=bearer, x_api_key=key)[0] == 200
        assert raw(live, "GET", f"{API}/userinfo", x_api_key=key)[0] == 401


def test_tracing_headers_of_real_front_ends_change_nothing(live, bearer):
    traced = {"x_b3_traceid": "80f198ee56343ba8", "x_b3_spanid": "e457b5a2e4d86bd1", "x_gws_unstable": "true"}
    assert raw(live, "GET", f"{API}/userinfo", Authorization=bearer, **traced)[0] == 200


def test_a_password_request_as_the_javascript_client_encodes_it(live):
    body = f"grant_type=password&username=t100%5Cagent&password={PASSWORD}&client_id=desk&scope=*"
    status, headers, text = raw(live, "POST", f"{API}/oauth/token", body, Authorization=CLIENT, Content_Type=FORM)
    assert status == 200, text
    assert '"token_type":"bearer"' in text
    assert (headers["cache-control"], headers["pragma"]) == ("no-store", "no-cache")


def test_names_and_passwords_with_odd_characters_as_the_javascript_client_encodes_them(live):
    body = "grant_type=password&username=t100%5Cp%40ss%20user&password=p%20w%26%3D%2B%25%C3%BC-42&client_id=desk"
    status, _, text = raw(live, "POST", f"{API}/oauth/token", body, Authorization=CLIENT, Content_Type=FORM)
    assert status == 200, text


def test_an_equal_client_id_beside_basic_is_fine_and_a_foreign_one_is_not(live):
    for client_id, status in (("desk", 200), ("external_api_client", 401)):
        body = f"grant_type=client_credentials&client_id={client_id}&scope=*"
        assert raw(live, "POST", f"{API}/oauth/token", body, Authorization=CLIENT, Content_Type=FORM)[0] == status


def test_a_client_id_alone_gets_a_clean_401_for_a_confidential_client(live):
    """The 2017 JavaScript README mistypes an option, so that no Authorization header is sent at all."""
    body = f"grant_type=password&username=t100%5Cagent&password={PASSWORD}&client_id=desk"
    status, headers, text = raw(live, "POST", f"{API}/oauth/token", body, Content_Type=FORM)
    assert (status, headers["www-authenticate"].split()[0]) == (401, "Basic")
    body = json.loads(text)
    assert (body["error"], body["status"]["code"]) == ("invalid_client", 20)


def test_the_redirect_uri_comes_un_encoded(live, listener):
    target = f"{API}/oauth/authorize?response_type=code&client_id=desk&redirect_uri={listener.url}"
    status, headers, _ = raw(live, "GET", target, Authorization=USER)
    assert status == 302
    assert headers["location"].startswith(f"{listener.url}?code=")


def test_the_java_tutorial_splits_the_location_on_question_mark_and_ampersand(live, listener):
    target = f"{API}/oauth/authorize?client_id=desk&redirect_uri={listener.url}&response_type=code&scope=*&state=s"
    _, headers, _ = raw(live, "GET", target, Authorization=USER, Accept="application/json")
    _, query = headers["location"].split("?")
    code = next(part for part in query.split("&") if part.startswith("code="))[5:]
    body = f"grant_type=authorization_code&redirect_uri={listener.url}&code={code}&client_id=desk"
    status, _, text = raw(live, "POST", f"{API}/oauth/token", body, Authorization=CLIENT, Content_Type=FORM)
    assert status == 200, text
    assert '"refresh_token"' in text


def test_the_javascript_client_follows_the_302_to_the_application_with_its_headers(live, listener):
    """superagent follows at most five hops; what it finds at the redirect URI counts as the answer."""
    http = requests.Session()
    http.max_redirects = 5
    http.headers.update({"x-api-key": "a-key", "Content-Type": "application/json", "Accept": "application/json"})
    asked = {
        "client_id": "desk",
        "redirect_uri": listener.url,
        "response_type": "code",
        "scope": "*",
        "hideTenant": "false",
    }
    answer = http.get(f"{live}{API}/oauth/authorize", params=asked, headers={"Authorization": USER})
    assert answer.status_code == 200
    assert len(answer.history) == 1
    assert listener.answer["code"]


@pytest.mark.parametrize("authorization", ["bearer", "bearer an-ended-token", USER])
def test_without_a_proof_that_counts_following_ends_at_the_sign_in_page(live, listener, authorization):
    """Headers are kept to the same host: neither the key nor a bearer nor a pair that is not taken disturbs a page."""
    http = requests.Session()
    http.max_redirects = 5
    http.headers.update({"x-api-key": "a-key", "Authorization": authorization, "Content-Type": "application/json"})
    asked = {
        "client_id": "spa",
        "redirect_uri": listener.url,
        "response_type": "code",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    answer = http.get(f"{live}{API}/oauth/authorize", params=asked)
    assert answer.status_code == 200
    assert urlsplit(answer.url).path == f"{API}/sign-in"
    assert len(answer.history) == 1
    assert 'type="password"' in answer.text


def test_wwe_passes_type_and_locale_down(live, person, listener):
    asked = f"response_type=code&client_id=desk&redirect_uri={listener.url}&type=workspace&locale=en-us&state=s"
    back = person.signs_in(f"{live}{API}/oauth/authorize?{asked}", "agent")
    assert members_of(back)["state"] == "s"


def test_ping_comes_with_cookies_and_no_authorization(live, person):
    assert person.http.get(f"{live}{API}/ping").status_code == 403
    person.signs_in(f"{live}{API}/sign-in", "agent")
    answer = person.http.get(
        f"{live}{API}/ping",
        headers={"Accept": "application/json", "x-api-key": "a-key", "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()) == (200, {"status": {"code": 0}})


def test_a_cookie_jar_sent_back_beside_a_bearer_is_not_judged_by_csrf(live, person):
    person.signs_in(f"{live}{API}/sign-in", "agent")
    bearer = {"Authorization": "bearer " + token_of(live)["access_token"], "Origin": "https://desk.example.com"}
    assert person.http.get(f"{live}{API}/ping", headers=bearer).status_code == 200
    assert person.http.post(f"{live}{API}/sign-out", headers=bearer).status_code == 200
    assert person.http.get(f"{live}{API}/ping").status_code == 403


def test_sign_out_by_get_follows_to_a_registered_redirect_uri(live, bearer, listener):
    asked = {"global": "false", "redirectUri": listener.url}
    answer = requests.get(f"{live}{API}/sign-out", params=asked, headers={"Authorization": bearer})
    assert answer.status_code == 200
    assert len(answer.history) == 1
    assert listener.requests[-1][0] == "/initialize"


def test_a_public_client_sends_its_client_id_and_nothing_else(live, person, listener):
    asked = {
        "client_id": "spa",
        "redirect_uri": listener.url,
        "response_type": "code",
        "scope": "openid",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    url = str(httpx.URL(f"{live}{API}/oauth/authorize", params=asked))
    code = members_of(person.signs_in(url, "agent"))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": listener.url,
        "client_id": "spa",
        "code_verifier": VERIFIER,
    }
    answer = httpx.post(f"{live}{API}/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    assert {"access_token", "refresh_token", "id_token", "token_type", "expires_in", "scope"} == set(answer.json())


def test_auth_scheme_is_asked_before_a_password_box_is_shown(live):
    body = '{"data":{"userName":"agent","tenant":"t100"}}'
    status, _, text = raw(live, "POST", f"{API}/auth-scheme", body, Content_Type="application/json")
    assert (status, text) == (200, '{"status":{"code":0},"data":{"scheme":"basic"}}')


def test_unknown_json_members_are_ignored(live):
    body = (
        '{"data":{"userName":"nobody","oldPassword":"a","newPassword":"b-c-d-e-1","more":[1]},"operationId":"o","x":1}'
    )
    assert raw(live, "POST", f"{API}/change-password", body, Content_Type="application/json")[0] == 403


def test_a_script_fails_unless_the_token_type_is_bearer_in_lower_case(live):
    assert token_of(live)["token_type"] == "bearer"
