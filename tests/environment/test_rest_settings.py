"""/environment/v3/contact-centers/{id}/settings."""

import uuid

import pytest

from activity.models import Change
from environment.models import Option
from environment.options import CORS_ORIGINS
from environment.services import option_set
from tests.environment.rest import everything, refusal

# As Genesys' script posts it.
ORIGINS = "https://gauth.example.com, https://wwe.example.com, http://cxc.example.com"
SCRIPTS = {"location": "/USW1", "name": "cors-origins", "shared": "true", "value": ORIGINS}
TOLD = {"name": "cors-origins", "value": ORIGINS, "location": "/", "shared": "true"}


@pytest.fixture
def settings_of(t100):
    return f"/contact-centers/{t100.pk}/settings"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_scripts_setting_is_stored_as_the_option(ops, t100, settings_of, slash):
    assert ops.get(settings_of + slash) == {"settings": []}
    answer = ops("POST", settings_of + slash, SCRIPTS).json()
    assert answer == {"status": {"code": 0}, "data": TOLD, "path": f"{settings_of}/cors-origins"}
    assert ops.get(settings_of + slash) == {"settings": [TOLD]}
    assert CORS_ORIGINS.of(t100) == tuple(ORIGINS.split(", "))
    option = Option.objects.get()
    assert (option.section, option.name, option.contact_center) == ("settings", "cors-origins", t100)
    change = Change.objects.get(object_type="options")
    assert (change.actor_kind, change.actor_name, change.contact_center_id) == ("ops", "ops", t100.pk)


@pytest.mark.parametrize("who", ["ops", "script", "hers", "roots"])
def test_it_is_set_again_and_taken_away(request, who, t100, settings_of):
    asker = request.getfixturevalue(who)
    asker.done("POST", settings_of, {"name": "note", "value": "one"})
    asker.done("POST", settings_of, {"name": "note", "value": "two"})
    assert (
        asker.done("PUT", f"{settings_of}/note", {"value": "three", "shared": True, "location": "/"})["value"]
        == "three"
    )
    assert asker.done("PUT", f"{settings_of}/more%20words/", {"value": ""})["name"] == "more words"
    assert [one["name"] for one in asker.get(settings_of)["settings"]] == ["more words", "note"]
    assert asker.done("DELETE", f"{settings_of}/note") is None
    assert refusal(asker("DELETE", f"{settings_of}/note")) == (404, 6, "name")
    assert [one.name for one in Option.objects.all()] == ["more words"]


def test_options_of_other_sections_are_no_settings(ops, t100, settings_of):
    option_set(holder=t100, section="elsewhere", name="x", value="1")
    assert ops.get(settings_of) == {"settings": []}


def test_a_secret_is_told_to_those_who_may_read_secrets(ops, script, hers, t100, settings_of):
    script.done("POST", settings_of, {"name": "crm-password", "value": "not-for-all"})
    hidden = {"name": "crm-password", "secret": True, "location": "/", "shared": "true"}
    assert ops.get(settings_of) == {"settings": [hidden]}
    assert script.get(settings_of) == {"settings": [hidden]}
    assert hers.get(settings_of) == {"settings": [hidden | {"value": "not-for-all"}]}
    assert "not-for-all" not in script("PUT", f"{settings_of}/crm-password", {"value": "not-for-all"}).content.decode()
    Option.objects.update(value="k9:broken")
    assert hers.get(settings_of) == {"settings": [hidden]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"value": None}, "value"),
        ({"value": ["https://a.example.com"]}, "value"),
        ({"value": "x" * 65_537}, "value"),
        ({"value": "http://*.example.com"}, "value"),
        ({"value": "desk"}, "value"),
        ({"location": 7}, "location"),
        ({"shared": "maybe"}, "shared"),
        ({"shared": 1}, "shared"),
    ],
)
def test_a_wrong_value_names_its_field(ops, settings_of, change, field):
    before = everything()
    status, _code, named = refusal(ops("POST", settings_of, SCRIPTS | change))
    assert (status, named) == (400, field)
    if field not in ("name",):
        assert refusal(ops("PUT", f"{settings_of}/cors-origins", SCRIPTS | change))[::2] == (400, field)
    assert everything() == before


@pytest.mark.parametrize("name", ["x" * 256, "a%0A", "%20a"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_name_that_no_option_can_have_is_refused(ops, settings_of, name, method):
    status, _code, _field = refusal(ops(method, f"{settings_of}/{name}", {"value": "x"}))
    assert status == (400 if method == "PUT" else 404)


@pytest.mark.parametrize("raw", ["{", "{}", '{"data": "x"}', '{"data": {"name": "a", "value": "\\u0000"}}'])
def test_a_body_that_is_no_setting_is_refused(ops, settings_of, raw):
    assert refusal(ops("POST", settings_of, raw=raw))[0] == 400
    assert refusal(ops("PUT", f"{settings_of}/x", raw=raw))[0] == 400


@pytest.mark.parametrize("who", ["ops", "hers"])
def test_an_unknown_contact_center_is_not_found(request, who, t100, t200):
    asker = request.getfixturevalue(who)
    keys = ["x", str(uuid.uuid4())] + ([str(t200.pk)] if who == "hers" else [])
    for key in keys:
        for method, path in (("GET", ""), ("POST", ""), ("PUT", "/a"), ("DELETE", "/a")):
            answer = asker(method, f"/contact-centers/{key}/settings{path}", {"name": "a", "value": "b"})
            assert refusal(answer)[:2] == (404, 6)
