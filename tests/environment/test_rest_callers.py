"""Who may ask ``/environment/v3``, and what an administrator of one contact center gets: a table of tries."""

import pytest

from environment.models import Environment
from environment.services import application_create, environment_create, option_set
from tests.cast import basic, by_password
from tests.environment.rest import Asker, everything, refusal

PATHS = ["/environments", "/contact-centers", "/cors", "/contact-centers/x/settings", "/applications/x/options"]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_asked_for_a_basic_pair(db, path):
    for asker in (Asker(), Asker("Bearer"), Asker("Basic !")):
        answer = asker("GET", path)
        assert refusal(answer)[:2] == (401, 20)
        assert answer["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("pair", [("ops", "wrong"), ("nobody", "wrong"), ("t100\\alice", "wrong")])
def test_a_wrong_pair_is_asked_for_a_right_one(ops, alice, path, pair):
    answer = Asker(basic(*pair))("GET", path)
    assert refusal(answer)[:2] == (401, 20)
    assert answer["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("path", PATHS)
def test_a_dead_bearer_is_told_so(db, path):
    answer = Asker("Bearer nothing")("GET", path)
    assert refusal(answer)[:2] == (401, 20)
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("path", PATHS)
def test_a_bearer_needs_the_scope(by_bearer, root, path):
    answer = by_bearer(root, scope="*")("GET", path)
    assert refusal(answer)[:2] == (403, 5)
    assert answer.json()["error"] == "insufficient_scope"
    assert 'scope="configuration"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("path", PATHS)
def test_an_agent_with_the_scope_has_no_right_by_it(by_bearer, bob, path):
    asker = by_bearer(bob)
    before = everything()
    for method in ("GET", "POST", "PATCH"):
        status, code, _field = refusal(asker(method, path, {}))
        assert (status, code) in ((403, 5), (404, 6), (405, 3), (400, 1))
    assert refusal(asker("GET", path))[0] in (403, 404)
    assert everything() == before


def test_a_cookie_opens_nothing(root, client):
    client.force_login(root)
    assert client.get("/environment/v3/environments").status_code == 401


def test_a_bearer_of_the_password_grant_has_not_the_scope(desk, root):
    token = by_password(desk, root)["access_token"]
    assert refusal(Asker(f"Bearer {token}")("GET", "/environments"))[0] == 403


@pytest.mark.parametrize(
    "path", ["", "/", "/nothing", "/contact-centers/x/y", "/environments/a/b/c", "/applications/x"]
)
def test_an_unknown_path_is_not_found_in_the_dialect(db, path):
    assert refusal(Asker()("GET", path))[:2] == (404, 6)


# What an administrator of contact center one tries: (call, statuses that refuse it).
TRIES = {
    "read the environments": ("GET", "/environments", None),
    "make an environment": ("POST", "/environments", {"tenant": "Mine"}),
    "read an environment": ("GET", "/environments/{environment}", None),
    "change an environment": ("PUT", "/environments/{environment}", {"tenant": "Mine"}),
    "delete an environment": ("DELETE", "/environments/{environment}", None),
    "delete no environment": ("DELETE", "/environments/{one}", None),
    "make a contact center": ("POST", "/contact-centers", {"domains": ["mine"]}),
    "make one again": ("POST", "/contact-centers", {"id": "{two}", "domains": ["t200"]}),
    "delete her own": ("DELETE", "/contact-centers/{one}", None),
    "switch her own off": ("PUT", "/contact-centers/{one}", {"enabled": False}),
    "take another's domain": ("PUT", "/contact-centers/{one}", {"domains": ["t200"]}),
    "take another's number": ("PUT", "/contact-centers/{one}", {"number": 200}),
    "go to an environment": ("PUT", "/contact-centers/{one}", {"environmentId": "{environment}"}),
    "read the other": ("GET", "/contact-centers/{two}", None),
    "change the other": ("PUT", "/contact-centers/{two}", {"name": "Mine"}),
    "delete the other": ("DELETE", "/contact-centers/{two}", None),
    "read its settings": ("GET", "/contact-centers/{two}/settings", None),
    "set one of its settings": ("POST", "/contact-centers/{two}/settings", {"name": "a", "value": "b"}),
    "change one of them": ("PUT", "/contact-centers/{two}/settings/note", {"value": "b"}),
    "delete one of them": ("DELETE", "/contact-centers/{two}/settings/note", None),
    "read its origins": ("GET", "/cors?contactCenterId={two}", None),
    "add an origin to it": ("POST", "/cors", {"contactCenterId": "{two}", "origin": "https://mine.example.com"}),
    "remove one of its": ("DELETE", "/cors", {"contactCenterId": "{two}", "origin": "https://two.example.com"}),
    "remove it by query": ("DELETE", "/cors?contactCenterId={two}&origin=https://two.example.com", None),
    "read its options": ("GET", "/applications/Theirs/options", None),
    "set one of its options": ("PUT", "/applications/Theirs/options/a/b", {"value": "2"}),
    "delete one of its options": ("DELETE", "/applications/Theirs/options/a/b", None),
    "change several": ("PATCH", "/applications/Theirs/options", [{"name": "a/b", "value": "2"}]),
    "set a shared option": ("PUT", "/applications/Shared/options/a/b", {"value": "2"}),
    "delete a shared option": ("DELETE", "/applications/Shared/options/a/b", None),
    "change several shared": ("PATCH", "/applications/Shared/options", [{"name": "a/b", "value": None}]),
}
ALLOWED = {
    "read her own": ("GET", "/contact-centers/{one}", None),
    "list her own": ("GET", "/contact-centers", None),
    "name her own": ("PUT", "/contact-centers/{one}", {"name": "Uno"}),
    "read her settings": ("GET", "/contact-centers/{one}/settings", None),
    "set one": ("POST", "/contact-centers/{one}/settings", {"name": "a", "value": "b"}),
    "change one": ("PUT", "/contact-centers/{one}/settings/note", {"value": "b"}),
    "delete one": ("DELETE", "/contact-centers/{one}/settings/note", None),
    "read her origins": ("GET", "/cors?contactCenterId={one}", None),
    "add an origin": ("POST", "/cors", {"contactCenterId": "{one}", "origin": "https://mine.example.com"}),
    "remove an origin": ("DELETE", "/cors", {"contactCenterId": "{one}", "origin": "https://one.example.com"}),
    "read her options": ("GET", "/applications/Hers/options", None),
    "set an option": ("PUT", "/applications/Hers/options/a/b", {"value": "2"}),
    "delete an option": ("DELETE", "/applications/Hers/options/a/b", None),
    "change several": ("PATCH", "/applications/Hers/options", [{"name": "a/b", "value": "2"}]),
    "read shared options": ("GET", "/applications/Shared/options", None),
}


@pytest.fixture
def world(t100, t200):
    """Something of each contact center and of the installation to reach for."""
    environment = environment_create(tenant="Environment", password="word")
    for center, name, origin in ((t100, "Hers", "one"), (t200, "Theirs", "two"), (None, "Shared", "")):
        option_set(holder=application_create(name=name, contact_center=center), section="a", name="b", value="1")
        if center:
            option_set(holder=center, section="settings", name="note", value="1")
            option_set(holder=center, section="settings", name="cors-origins", value=f"https://{origin}.example.com")
    return {"environment": str(environment.pk), "one": str(t100.pk), "two": str(t200.pk)}


def asked(asker, call, world):
    method, path, data = call
    for name, key in world.items():
        path = path.replace(f"{{{name}}}", key)
        if isinstance(data, dict):
            data = {word: key if value == f"{{{name}}}" else value for word, value in data.items()}
    return asker(method, path, data) if data is not None else asker(method, path)


@pytest.mark.parametrize("who", ["hers", "script"])
@pytest.mark.parametrize("what", TRIES)
def test_what_is_not_hers_is_refused_and_nothing_written(request, who, what, world):
    asker = request.getfixturevalue(who)
    before = everything()
    assert refusal(asked(asker, TRIES[what], world))[:2] in ((403, 5), (404, 6))
    assert everything() == before


@pytest.mark.parametrize("who", ["hers", "script"])
@pytest.mark.parametrize("what", ALLOWED)
def test_what_is_hers_is_done(request, who, what, world):
    answer = asked(request.getfixturevalue(who), ALLOWED[what], world)
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == {"code": 0}
    assert world["two"] not in answer.content.decode()


NOBODY_MAY = {"delete no environment", "make one again", "take another's domain", "take another's number"}


@pytest.mark.parametrize("what", sorted(set(TRIES) - NOBODY_MAY))
def test_what_she_may_not_the_installation_may(ops, what, world):
    answer = asked(ops, TRIES[what], world)
    assert answer.status_code in (200, 409), answer.content
    if answer.status_code == 409:
        assert answer.json()["status"]["code"] == 19


def test_a_role_never_gives_a_contact_center_the_environments(script, administrators, hers, world):
    administrators.privileges = [*administrators.privileges, "environments:administer"]
    administrators.save()
    assert hers("GET", "/environments").status_code in (200, 403)
    assert world["environment"] not in hers("GET", "/environments").content.decode()
    assert refusal(hers("PUT", f"/environments/{world['environment']}", {"tenant": "x"}))[0] in (403, 404)
    assert Environment.objects.get().tenant == "Environment"
