"""Endpoints that other servers of this kind have and this one does not: nothing answers for them."""

import pytest
from django.test import Client

from tests.cast import basic


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "path",
    [
        "introspect",
        "oauth/check_token",
        "oauth/device_authorization",
        "oauth/device-authorization",
        "oauth/register",
        "clients",
        "ops",
        "ops/users",
        "ops/environments",
        "oauth/backchannel-logout",
        "oauth/logout",
        "logout",
    ],
)
def test_an_endpoint_that_is_not_offered_is_404_for_a_proven_client_too(desk, path, method):
    for slash in ("", "/"):
        answer = getattr(Client(), method)(
            f"/auth/v3/{path}{slash}", {"token": "x"}, headers={"Authorization": basic("desk")}
        )
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["/o/token/", "/o/introspect/", "/oauth/introspect", "/o/applications/", "/introspect"]
)
def test_none_of_the_toolkits_own_paths_is_mounted(db, path):
    assert Client().get(path).status_code == 404


def test_the_metadata_announces_neither_device_nor_back_channel(signing_keys):
    announced = Client().get("/auth/v3/.well-known/openid-configuration").json()
    assert not [name for name in announced if "device" in name or "channel" in name]
    assert "registration_endpoint" not in announced


def test_a_post_to_an_unknown_path_is_404_in_the_dialect_for_everybody():
    browser = Client(enforce_csrf_checks=True)
    for path in ("/auth/v3/nothing", "/auth/v3/oauth/device"):
        answer = browser.post(path, {"a": "b"}, headers={"Accept": "text/html"})
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
