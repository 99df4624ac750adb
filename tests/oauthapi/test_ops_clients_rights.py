"""/auth/v3/ops/clients: who may do what; a contact center's administrator widens nothing."""

import pytest
from django.test import Client

from accounts.models import BasicCredential, Role
from accounts.privileges import CONTACT_CENTER_PRIVILEGES
from accounts.services.credentials import credential_create
from activity.models import Change
from environment.services import option_set
from oauthapi.models import ApiClient
from tests.cast import CALLBACK, PASSWORD, SECRET, alter, basic, by_password, post_token
from tests.oauthapi.ops import CLIENTS, Asker, bearer_asker, fields_of, ops_asker

NEW = {"client_id": "new", "redirectURIs": [CALLBACK]}


@pytest.fixture
def configurator(make_client) -> ApiClient:
    """The administrators' own program."""
    return make_client("configurator", trusted=True, scopes=["*", "configuration"])


@pytest.fixture
def as_alice(configurator, alice) -> Asker:
    return bearer_asker(alice, configurator)


@pytest.fixture
def of_one(make_client, t100) -> ApiClient:
    """What an administrator of contact center one manages."""
    client = make_client("of-one", owner=t100, grants=["authorization_code", "refresh_token", "client_credentials"])
    client.contact_centers.set([t100])
    return client


def whole() -> tuple:
    """Every client's row and contact centers, and the change log."""
    rows = list(ApiClient.objects.order_by("pk").values())
    through = list(ApiClient.contact_centers.through.objects.order_by("pk").values())
    return rows, through, Change.objects.filter(object_type="api-clients").count()


WIDER = {
    "internalClient": {"internalClient": True},
    "trusted": {"trusted": True},
    "mayIntrospect": {"mayIntrospect": True},
    "authorizedGrantTypes": {"authorizedGrantTypes": ["authorization_code", "password"]},
    "authorizedGrantTypes ": {"authorizedGrantTypes": ["authorization_code", "implicit"]},
    "scope": {"scope": ["*", "configuration"]},
    "scope ": {"scope": "* configuration"},
    "authorities": {"authorities": ["ROLE_ROOT"]},
    "contactCenterIds": {"contactCenterIds": ["t200"]},
    "contactCenterIds ": {"contactCenterIds": ["t100", "t200"]},
    "contactCenterIds  ": {"contactCenterIds": ["00000000-0000-4000-8000-000000000000"]},
    "owner": {"owner": "t200"},
    "owner ": {"owner": "00000000-0000-4000-8000-000000000000"},
    "redirectMatch": {"redirectMatch": "origin"},
}
"""What a contact center's administrator may neither make nor make of his own; the key is the field to be named."""
UNBOUND = {"none": {"contactCenterIds": []}, "nobody": {"owner": None}}
"""In a create these mean his own."""


@pytest.fixture
def ids(t100, t200):
    names = {"t100": str(t100.pk), "t200": str(t200.pk)}

    def ids(record: dict) -> dict:
        def one(value):
            return [names.get(each, each) for each in value] if isinstance(value, list) else value

        return {
            name: names.get(value, value) if isinstance(value, str) else one(value) for name, value in record.items()
        }

    return ids


@pytest.fixture
def root_role(t100) -> Role:
    return Role.objects.create(name="ROLE_ROOT", contact_center=t100, privileges=["installation:administer"])


@pytest.mark.parametrize("name", WIDER)
def test_a_contact_centers_administrator_makes_no_wider_client(as_alice, root_role, ids, name):
    before = whole()
    answer = as_alice.post(NEW | ids(WIDER[name]))
    assert (answer.status_code, fields_of(answer)) == (403, {name.strip()})
    assert answer.json()["status"]["code"] == 5
    assert whole() == before


@pytest.mark.parametrize("name", [*WIDER, *UNBOUND])
def test_a_contact_centers_administrator_makes_his_own_client_no_wider(as_alice, of_one, root_role, ids, name):
    record = (WIDER | UNBOUND)[name]
    before = whole()
    answer = as_alice.put("of-one", ids(record) | {"client_secret": "taken-over", "name": "Wider"})
    assert answer.status_code == 403
    assert fields_of(answer) == set(record)
    assert whole() == before
    assert post_token(of_one, secret=SECRET, grant_type="client_credentials").status_code == 200


def foreign(make_client, t100, t200) -> dict[str, ApiClient]:
    """Clients that reach beyond contact center one."""
    made = {
        "unbound": make_client("unbound"),
        "of-two": make_client("of-two", owner=t200),
        "bound-to-one": make_client("bound-to-one"),
        "shared": make_client("shared", owner=t100),
        "unbound-own": make_client("unbound-own", owner=t100),
        "introspecting": make_client("introspecting", owner=t100, may_introspect=True),
        "internal": make_client("internal", owner=t100, internal=True),
    }
    for name, bound in {"of-two": [t200], "bound-to-one": [t100], "shared": [t100, t200], "introspecting": [t100],
                        "internal": [t100]}.items():  # fmt: skip
        made[name].contact_centers.set(bound)
    return made


@pytest.mark.parametrize("name", ["configurator", "unbound", "of-two", "bound-to-one"])
def test_what_belongs_to_others_is_not_there_for_a_contact_centers_administrator(
    as_alice, make_client, t100, t200, name
):
    foreign(make_client, t100, t200)
    before = whole()
    for answer in (as_alice.get(name), as_alice.put(name, {"client_secret": "mine"}), as_alice.delete(name)):
        assert (answer.status_code, answer.json()["status"]["code"]) == (404, 6)
    assert name not in [each["client_id"] for each in as_alice.get().json()["data"]]
    assert whole() == before


@pytest.mark.parametrize("name", ["shared", "unbound-own", "introspecting", "internal"])
@pytest.mark.parametrize(
    "record",
    [
        {"client_secret": "mine"},
        {"name": "Mine"},
        {"contactCenterIds": ["t100"]},
        {"mayIntrospect": False},
        {"enabled": False},
    ],
)
def test_what_reaches_beyond_a_contact_center_is_seen_and_not_changed_there(
    as_alice, make_client, t100, t200, ids, name, record
):
    foreign(make_client, t100, t200)
    before = whole()
    seen = as_alice.get(name)
    assert seen.status_code == 200
    assert str(t200.pk) not in seen.content.decode()
    for answer in (as_alice.put(name, ids(record)), as_alice.delete(name)):
        assert (answer.status_code, answer.json()["status"]["code"]) == (403, 5)
    assert whole() == before


def test_the_addresses_of_a_trusted_client_are_the_installations(as_alice, of_one):
    alter(of_one, trusted=True)
    before = whole()
    for record in ({"redirectURIs": ["https://evil.example.com/"]}, {"postLogoutRedirectURIs": [CALLBACK]},
                   {"allowedOrigins": ["https://evil.example.com"]}):  # fmt: skip
        answer = as_alice.put("of-one", record)
        assert (answer.status_code, fields_of(answer)) == (403, set(record))
    assert whole() == before


def test_an_id_of_anothers_contact_center_is_refused_like_one_that_is_nobodys(as_alice, t200):
    told = []
    for key in (str(t200.pk), "00000000-0000-4000-8000-000000000000"):
        for name, value in (("contactCenterIds", [key]), ("owner", key)):
            answer = as_alice.post(NEW | {name: value})
            told.append((answer.status_code, name, answer.json()["status"]["message"]))
    assert told[:2] == told[2:]


def test_a_contact_centers_administrator_makes_changes_and_deletes_clients_of_his_own(as_alice, t100):
    told = as_alice.post(NEW | {"client_secret": "secret", "authorities": ["ROLE_AGENT"]}).json()["data"]
    assert (told["owner"], told["contactCenterIds"]) == (str(t100.pk), [str(t100.pk)])
    named = {"client_id": "named", "owner": str(t100.pk), "contactCenterIds": [str(t100.pk)]}
    assert as_alice.post(NEW | named).status_code == 200
    assert [each["client_id"] for each in as_alice.get().json()["data"]] == ["named", "new"]
    answer = as_alice.put(
        "new", {"name": "N", "client_secret": "other", "authorizedGrantTypes": ["client_credentials"]}
    )
    assert answer.json()["data"]["name"] == "N"
    assert post_token("new", secret="other", grant_type="client_credentials").status_code == 200
    assert as_alice.delete("new").status_code == 200
    actors = set(Change.objects.filter(object_type="api-clients").values_list("actor_kind", "actor_name"))
    assert actors == {("user", "t100\\alice")}


def test_with_genesys_redirects_a_contact_centers_administrators_client_may_match_by_origin(as_alice):
    option_set(holder=None, section="oauth", name="genesys-redirects", value="true")
    assert as_alice.post(NEW | {"redirectMatch": "origin"}).json()["data"]["redirectMatch"] == "origin"


def test_an_installations_administrator_does_everything_by_a_bearer_of_scope_configuration(configurator, root):
    asker = bearer_asker(root, configurator)
    record = NEW | {"trusted": True, "internalClient": True, "mayIntrospect": True, "scope": ["*", "configuration"],
                    "authorizedGrantTypes": ["authorization_code", "password", "implicit"]}  # fmt: skip
    assert asker.post(record).json()["data"].items() >= record.items()
    assert asker.put("new", {"trusted": False}).json()["data"]["trusted"] is False
    assert asker.delete("new").status_code == 200


def test_a_bearer_without_scope_configuration_is_403_with_the_scope_named(configurator, root, desk):
    askers = [
        bearer_asker(root, configurator, "*"),
        Asker(f"Bearer {by_password(desk, root)['access_token']}"),
        Asker(f"Bearer {post_token(desk, grant_type='client_credentials').json()['access_token']}"),
    ]
    for asker in askers:
        for answer in (asker.get(), asker.post(NEW), asker.get("desk"), asker.put("desk", {}), asker.delete("desk")):
            assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
            assert 'scope="configuration"' in answer["WWW-Authenticate"]


def test_an_agents_bearer_of_scope_configuration_reads_and_changes_nothing(configurator, bob, of_one):
    asker = bearer_asker(bob, configurator)
    before = whole()
    for answer in (asker.get(), asker.post(NEW), asker.get("of-one"), asker.put("of-one", {"name": "x"}),
                   asker.delete("of-one")):  # fmt: skip
        assert (answer.status_code, answer.json()["status"]["code"]) == (403, 5)
    assert whole() == before


@pytest.mark.parametrize(
    "privileges", [sorted(CONTACT_CENTER_PRIVILEGES), ["api-clients:administer"], ["api-clients:write"]]
)
def test_a_basic_credential_reads_its_contact_centers_clients_and_writes_none(of_one, make_client, t100, privileges):
    make_client("unbound")
    role = Role.objects.create(name="Administrator", contact_center=t100, privileges=privileges)
    credential_create(BasicCredential(name="gate", contact_center=t100, role=role), password=PASSWORD)
    asker, before = Asker(basic("gate", PASSWORD)), whole()
    assert [each["client_id"] for each in asker.get().json()["data"]] == ["of-one"]
    assert asker.get("of-one").json()["data"]["contactCenterIds"] == [str(t100.pk)]
    assert asker.get("unbound").status_code == 404
    for answer in (asker.post(NEW), asker.put("of-one", {"name": "x"}), asker.delete("of-one")):
        assert (answer.status_code, answer.json()["status"]["code"]) == (403, 5)
    assert whole() == before


def test_a_basic_credential_whose_role_gives_no_right_reads_nothing(of_one, t100, agents):
    credential_create(BasicCredential(name="gate", contact_center=t100, role=agents), password=PASSWORD)
    assert Asker(basic("gate", PASSWORD)).get().status_code == 403


def test_nobody_and_wrong_pairs_are_challenged_for_basic(desk, root):
    askers = [
        Asker(""),
        Asker("bearer"),
        Asker(basic("ops", "wrong")),
        Asker(basic("desk", SECRET)),
        Asker(basic("root", PASSWORD)),
    ]
    for asker in askers:
        for answer in (asker.get(), asker.post(NEW), asker.put("desk", {}), asker.delete("desk")):
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"].startswith("Basic ")
            assert answer.json()["status"]["code"] == 20


def test_a_browsers_session_configures_nothing(root):
    http = Client()
    http.force_login(root)
    assert http.get(CLIENTS).status_code == 401


def test_the_ops_credential_does_everything(desk, of_one, db):
    ops = ops_asker()
    assert {each["client_id"] for each in ops.get().json()["data"]} == {"desk", "of-one"}
    assert ops.put("of-one", {"trusted": True, "scope": ["*", "configuration"]}).status_code == 200
    assert ops.delete("of-one").status_code == 200
    assert {each.actor_kind for each in Change.objects.filter(object_type="api-clients")} == {"ops"}
