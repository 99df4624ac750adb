"""A deployment script in the vendor's manner, unmodified against a running server; then its client signs a user in."""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from tests.cast import CHALLENGE, PASSWORD, VERIFIER
from tests.flows.people import Person, members_of
from tests.tools import needs

SCRIPT = Path(__file__).with_name("genesys_deployment.sh")
PAGE = "https://wwe.example.com/ui/ad/v1/index.html"
"""Below an origin that the script registers."""

pytestmark = [pytest.mark.live, needs("jq")]


def run(part: str, live: str) -> str:
    environ = {"PATH": os.environ["PATH"], "GWS": live, "OPS_USER": "ops", "OPS_PASS": PASSWORD}
    done = subprocess.run(
        ["bash", str(SCRIPT), part], env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_deployment_script_registers_clients_twice_over_and_one_signs_a_user_in(live):
    for _ in range(2):
        assert run("clients", live).endswith("done: clients\n")
    query = {
        "response_type": "code", "client_id": "gws-app-workspace", "redirect_uri": PAGE, "state": "s-1", "scope": "*",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    }  # fmt: skip
    person = Person(live)
    # An internal client, as the script says: nobody is asked for consent.
    back = person.signs_in(f"{live}/auth/v3/oauth/authorize?{urlencode(query)}", "agent")
    assert back.headers["Location"].startswith(f"{PAGE}?")
    answer = httpx.post(
        f"{live}/auth/v3/oauth/token",
        auth=("gws-app-workspace", "secret"),
        data={
            "grant_type": "authorization_code", "code": members_of(back)["code"], "redirect_uri": PAGE,
            "code_verifier": VERIFIER,
        },
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.json()["token_type"] == "bearer"
    told = httpx.get(f"{live}/auth/v3/userinfo", headers={"Authorization": f"bearer {answer.json()['access_token']}"})
    assert told.json()["loginName"] == "agent"


def test_a_deployment_script_makes_an_environment_and_a_contact_center_with_its_origins(live):
    told = run("tenant", live)
    assert told.endswith("done: tenant\n")
    listed = httpx.get(f"{live}/environment/v3/cors", auth=("ops", PASSWORD)).json()["data"]["origins"]
    assert "https://new.example.com" in str(listed)
