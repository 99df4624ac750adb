"""Redirect URIs that deployment scripts register as bare origins: option oauth/genesys-redirects."""

from typing import Any

import pytest
from django.test import Client

from environment.provision.faults import Faults
from environment.services import option_set
from oauthapi.models import ApiClient
from tests.admin_client import admin_of, filled
from tests.cast import CALLBACK
from tests.oauthapi.ops import ORIGIN, RECORD, Asker, fields_of, ops_asker

NEW = {"client_id": "new", "redirectURIs": [CALLBACK]}


@pytest.fixture
def ops(signing_keys) -> Asker:
    return ops_asker()


@pytest.fixture
def origins(db) -> None:
    option_set(holder=None, section="oauth", name="genesys-redirects", value="true")


@pytest.mark.parametrize("uri", [ORIGIN, f"{ORIGIN}/", "https://wwe.example.com:8443"])
def test_with_genesys_redirects_a_registered_origin_admits_the_pages_below_it(ops, origins, bob, uri):
    assert ops.post(RECORD | {"redirectURIs": [CALLBACK, uri]}).json()["data"]["redirectMatch"] == "origin"
    client = ApiClient.objects.get()
    page = f"{uri.rstrip('/')}/ui/ad/v1/index.html"
    answer = authorize(client, page)
    assert answer["Location"].startswith("/auth/v3/sign-in"), answer.content


def authorize(client: ApiClient, page: str) -> Any:
    query = {"response_type": "code", "client_id": client.client_id, "redirect_uri": page, "scope": "*"}
    return Client().get("/auth/v3/oauth/authorize", query, headers={"Accept": "text/html"})


def test_without_genesys_redirects_the_page_below_an_origin_is_not_redirected_to(ops):
    ops.post(RECORD)
    answer = authorize(ApiClient.objects.get(), f"{ORIGIN}/ui/index.html")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"clientType": "PUBLIC", "client_secret": ""}, "exact"),
        ({"redirectMatch": "exact"}, "exact"),
        ({"redirectURIs": [f"{ORIGIN}/cb"]}, "exact"),
        ({"redirectURIs": [f"{ORIGIN}/?a=b"]}, "exact"),
        ({"redirectURIs": ["http://localhost"]}, "exact"),
        ({"redirectMatch": "origin", "redirectURIs": [f"{ORIGIN}/cb"]}, "origin"),
    ],
)
def test_with_genesys_redirects_only_a_bare_https_origin_of_a_confidential_client_changes_the_match(
    ops, origins, more, match
):
    answer = ops.post(NEW | {"redirectURIs": [ORIGIN]} | more)
    assert answer.json()["data"]["redirectMatch"] == match


def test_with_genesys_redirects_a_put_of_an_origin_changes_the_match_and_a_put_of_a_name_does_not(ops, origins):
    ops.post(NEW)
    assert ops.put("new", {"name": "N"}).json()["data"]["redirectMatch"] == "exact"
    assert ops.put("new", {"redirectURIs": [ORIGIN]}).json()["data"]["redirectMatch"] == "origin"


def test_redirect_match_origin_is_refused_while_the_option_is_off(ops, make_client):
    make_client("known")
    for answer in (ops.post(NEW | {"redirectMatch": "origin"}), ops.put("known", {"redirectMatch": "origin"})):
        assert (answer.status_code, fields_of(answer)) == (403, {"redirectMatch"})
    assert {each.redirect_match for each in ApiClient.objects.all()} == {"exact"}


def test_redirect_match_origin_is_refused_for_a_public_client(ops, origins, spa):
    for answer in (
        ops.post(NEW | {"redirectMatch": "origin", "clientType": "PUBLIC"}),
        ops.put("spa", {"redirectMatch": "origin"}),
    ):
        assert (answer.status_code, fields_of(answer)) == (400, {"redirectMatch"})


def test_a_client_that_matches_by_origin_is_marked_in_the_admins_list(ops, origins, root):
    ops.post(RECORD)
    assert "matches by origin" in admin_of(root).get("/admin/oauthapi/apiclient/").content.decode()


def test_an_exact_match_that_was_chosen_stays_when_the_same_origin_is_put_again(ops, origins):
    ops.post(NEW | {"redirectURIs": [ORIGIN], "redirectMatch": "exact"})
    assert ops.put("new", {"redirectURIs": [CALLBACK, ORIGIN]}).json()["data"]["redirectMatch"] == "exact"
    other = ["https://new.example.com"]
    assert ops.put("new", {"redirectURIs": other}).json()["data"]["redirectMatch"] == "origin"


def test_no_other_way_goes_around_the_option(root, alice, t100, make_client, provision):
    client = make_client("known", owner=t100, redirect_uris=[ORIGIN])
    client.contact_centers.set([t100])
    page = f"/admin/oauthapi/apiclient/{client.pk}/change/"
    for administrator in (root, alice):
        browser = admin_of(administrator)
        answer = browser.post(page, filled(browser.get(page), redirect_match="origin"))
        assert "genesys-redirects" in answer.content.decode()
    text = f"api-clients: [{{client-id: known, redirect-uris: [{ORIGIN}], redirect-match: origin}}]"
    with pytest.raises(Faults, match="genesys-redirects"):
        provision(text)
    client.refresh_from_db()
    assert client.redirect_match == "exact"
