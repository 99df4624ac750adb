"""/environment/v3/cors: one storage with the setting ``cors-origins``."""

import uuid

import pytest

from activity.models import Change
from environment.models import Option
from environment.options import CORS_ORIGINS
from tests.cast import at_once, get
from tests.environment.rest import everything, refusal

DESK = "https://desk.example.com"
CXC = "http://cxc.example.com"


def one(center, origin=DESK):
    return {"contactCenterId": str(center.pk), "origin": origin}


@pytest.mark.parametrize("who", ["ops", "script", "hers", "roots"])
def test_origins_come_and_go_one_by_one(request, who, t100):
    asker = request.getfixturevalue(who)
    assert asker.get("/cors") == {"origins": []}
    assert asker.done("POST", "/cors", one(t100)) == one(t100)
    assert asker.done("POST", "/cors/", one(t100, CXC)) == one(t100, CXC)
    assert asker.get("/cors/") == {"origins": [one(t100), one(t100, CXC)]}
    assert asker.done("DELETE", "/cors", one(t100)) is None
    assert asker.done("DELETE", f"/cors?contactCenterId={t100.pk}&origin={CXC}") is None
    assert asker.get("/cors") == {"origins": []}
    assert not Option.objects.exists()
    kinds = {"ops": "ops", "script": "credential", "hers": "user", "roots": "user"}
    assert set(Change.objects.filter(object_type="options").values_list("actor_kind", flat=True)) == {kinds[who]}


def test_the_old_call_and_the_new_one_agree(ops, t100, t200):
    settings = f"/contact-centers/{t100.pk}/settings"
    ops.done("POST", settings, {"name": "cors-origins", "value": f"{DESK}, {CXC}"})
    ops.done("POST", "/cors", one(t200))
    assert ops.get("/cors") == {"origins": [one(t100), one(t100, CXC), one(t200)]}
    assert ops.get(f"/cors?contactCenterId={t200.pk}") == {"origins": [one(t200)]}
    ops.done("POST", "/cors", one(t100, "https://*.wide.example.com:8443"))
    told = ops.get(settings)["settings"][0]["value"]
    assert told == f"{DESK}, {CXC}, https://*.wide.example.com:8443"
    assert CORS_ORIGINS.of(t100) == tuple(told.split(", "))


@pytest.mark.parametrize("again", [DESK, "HTTPS://Desk.Example.com:443/", f" {DESK} "])
def test_an_origin_stands_once_in_whatever_spelling(ops, t100, again):
    ops.done("POST", "/cors", one(t100))
    before = everything()
    assert refusal(ops("POST", "/cors", one(t100, again))) == (409, 18, "origin")
    assert everything() == before
    ops.done("DELETE", "/cors", one(t100, again))


def test_one_that_is_not_there_cannot_be_taken_away(ops, t100, t200):
    ops.done("POST", "/cors", one(t200))
    for origin in (DESK, "desk", "x" * 300):
        assert refusal(ops("DELETE", "/cors", one(t100, origin))) == (404, 6, "origin")
    assert ops.get("/cors") == {"origins": [one(t200)]}


@pytest.mark.parametrize(
    "origin",
    ["desk", "null", "*", "http://*.example.com", f"{DESK}/page", f"{DESK},https://b.example.com", "x" * 301, 7],
)
def test_what_is_no_origin_is_refused(ops, t100, origin):
    assert refusal(ops("POST", "/cors", one(t100, origin)))[::2] == (400, "origin")
    assert not Option.objects.exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"origin": DESK}, "contactCenterId"),
        ({"contactCenterId": "x", "origin": DESK}, "contactCenterId"),
        ({"contactCenterId": [], "origin": DESK}, "contactCenterId"),
        ({"contactCenterId": str(uuid.UUID(int=1))}, "origin"),
    ],
)
def test_a_wrong_member_names_its_field(ops, sent, field):
    assert refusal(ops("POST", "/cors", sent))[::2] == (400, field)
    assert refusal(ops("DELETE", "/cors", sent))[::2] == (400, field)


@pytest.mark.parametrize("raw", ["{", "{}", '{"data": 1}'])
def test_a_body_that_is_no_origin_is_refused(ops, raw):
    assert refusal(ops("POST", "/cors", raw=raw))[0] == 400
    assert refusal(ops("DELETE", "/cors", raw=raw))[0] == 400


def test_a_query_that_names_no_contact_center_is_refused(ops, hers, t100, t200):
    assert refusal(ops("GET", "/cors?contactCenterId=x")) == (400, 2, "contactCenterId")
    assert refusal(ops("GET", f"/cors?contactCenterId={uuid.uuid4()}"))[0] == 404
    assert refusal(hers("GET", f"/cors?contactCenterId={t200.pk}"))[0] == 404
    assert refusal(ops("DELETE", "/cors")) == (400, 1, "contactCenterId")


def test_its_own_administrator_is_told_its_own_origins(ops, hers, script, t100, t200):
    ops.done("POST", "/cors", one(t100))
    ops.done("POST", "/cors", one(t200))
    assert hers.get("/cors") == script.get("/cors") == {"origins": [one(t100)]}
    before = everything()
    for method in ("POST", "DELETE"):
        for origin in (DESK, CXC):
            assert refusal(hers(method, "/cors", one(t200, origin)))[:2] == (404, 6)
    assert everything() == before


def test_a_page_of_an_http_origin_reads_but_never_by_cookie(ops, hers, t100):
    ops.done("POST", "/cors", one(t100, CXC))
    ops.done("POST", "/cors", one(t100))
    token = hers.authorization.removeprefix("Bearer ")
    for origin, with_cookie in ((CXC, False), (DESK, True)):
        answer = get("/auth/v3/ping", token, Origin=origin)
        assert answer["Access-Control-Allow-Origin"] == origin
        assert ("Access-Control-Allow-Credentials" in answer) is with_cookie


@pytest.mark.django_db(transaction=True)
def test_origins_added_at_the_same_moment_all_stay(ops, t100, wide_gate):
    assert ops.get("/cors") == {"origins": []}
    origins = [f"https://desk{number}.example.com" for number in range(6)]
    answers = at_once([lambda origin=origin: ops("POST", "/cors", one(t100, origin)) for origin in origins])
    assert [answer.status_code for answer in answers] == [200] * 6
    assert sorted(CORS_ORIGINS.of(t100)) == origins


@pytest.mark.django_db(transaction=True)
def test_an_origin_added_twice_at_the_same_moment_stands_once(ops, t100, wide_gate):
    assert ops.get("/cors") == {"origins": []}
    answers = at_once([lambda: ops("POST", "/cors", one(t100))] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert CORS_ORIGINS.of(t100) == (DESK,)
