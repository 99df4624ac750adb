"""API clients in provisioning files."""

import pytest

from activity.models import Change
from environment.provision.applying import apply
from environment.provision.faults import Faults
from environment.provision.planning import plan_of
from environment.provision.reading import read
from oauthapi.client_secrets import secret_matches
from oauthapi.models import ApiClient
from tests.cast import counted_hashes

pytestmark = pytest.mark.django_db

FILE = """\
contact-centers: [{number: 1, name: One, domains: [t100]}]
api-clients:
  - client-id: desk
    secret: hunter2-hunter2
    owner: t100
    contact-centers: [T100]
    redirect-uris: [https://desk.example.com/cb]
    access-token-lifetime: 600
  - {client-id: spa, client-type: PUBLIC, redirect-uris: ["http://127.0.0.1/cb"]}
"""


def test_clients_come_with_their_first_secret(provision):
    provision(FILE)
    desk, spa = ApiClient.objects.order_by("client_id")
    assert secret_matches(desk, "hunter2-hunter2")
    assert (desk.name, desk.owner.number, desk.access_token_lifetime) == ("desk", 1, 600)
    assert [one.number for one in desk.contact_centers.all()] == [1]
    assert desk.grants == ["authorization_code", "refresh_token"]
    assert spa.secret_hash == ""


def test_the_same_file_again_changes_nothing_whatever_its_secret(provision):
    provision(FILE)
    before = (Change.objects.count(), list(ApiClient.objects.values_list("stamp", "secret_hash")))
    assert provision(FILE.replace("hunter2", "hunter3")).todo == ()
    assert (Change.objects.count(), list(ApiClient.objects.values_list("stamp", "secret_hash"))) == before


def test_only_what_is_written_changes(provision):
    provision(FILE)
    plan = provision("api-clients: [{client-id: desk, contact-centers: [], enabled: false}]")
    assert [diff.field for diff in plan.todo[0].diffs] == ["enabled", "contact_centers"]
    desk = ApiClient.objects.get(client_id="desk")
    assert (desk.enabled, desk.contact_centers.count(), desk.owner.number) == (False, 0, 1)


def test_faults_carry_their_line(provision):
    with pytest.raises(Faults) as faults:
        provision("""\
api-clients:
  - client-id: desk
    secret: x
    redirect-uris: [http://desk.example.com/cb]
""")
    assert [(fault.line, fault.path) for fault in faults.value.faults] == [(4, "api-clients[0].redirect-uris")]
    with pytest.raises(Faults, match="needs a secret"):
        provision("api-clients: [{client-id: desk, redirect-uris: ['https://desk.example.com/cb']}]")
    with pytest.raises(Faults, match="no such contact center"):
        provision("api-clients: [{client-id: desk, secret: x, contact-centers: [t900]}]")


def test_a_trial_run_hashes_no_secret(tmp_path, monkeypatch):
    file = tmp_path / "file.yaml"
    file.write_text(FILE)
    with counted_hashes(monkeypatch) as hashes:
        apply(plan_of(read([file])), trial=True)
    assert hashes.all == 0
    assert not ApiClient.objects.exists()
