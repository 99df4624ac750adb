"""/environment/v3/applications/{name}/options."""

from urllib.parse import quote

import pytest

from activity.models import Change
from environment.declarations import IntegerOption
from environment.models import Application, Option
from environment.services import application_create, option_set
from tests.cast import at_once
from tests.environment.rest import everything, refusal


@pytest.fixture
def desk(t100):
    return application_create(name="Desk App", contact_center=t100)


@pytest.fixture
def shared(db):
    return application_create(name="Shared", contact_center=None)


@pytest.fixture
def foreign(t200):
    return application_create(name="Theirs", contact_center=t200)


def at(application, *words):
    return "/".join(["/applications", quote(str(application), safe=""), "options", *(quote(w, safe="") for w in words)])


def line(section, option, value):
    return {"name": f"{section}/{option}", "section": section, "option": option, "value": value}


def tag_of(asker, application):
    return asker("GET", at(application))["ETag"]


@pytest.mark.parametrize("who", ["ops", "script", "hers", "roots"])
def test_options_are_set_listed_and_taken_away(request, who, desk):
    asker = request.getfixturevalue(who)
    assert asker.get(at(desk)) == []
    assert asker.done("PUT", at(desk, "b", "two"), {"value": "2"}) == line("b", "two", "2")
    asker.done("PUT", at(desk, "a", "one") + "/", {"value": "1\n2"})
    asker.done("PUT", at(desk, "b", "two"), {"value": "3"})
    assert asker.get(at(desk) + "/") == [line("a", "one", "1\n2"), line("b", "two", "3")]
    assert asker.done("DELETE", at(desk, "a", "one")) is None
    assert refusal(asker("DELETE", at(desk, "a", "one"))) == (404, 6, "option")
    assert [str(row) for row in Option.objects.all()] == ["b/two"]
    kinds = {"ops": "ops", "script": "credential", "hers": "user", "roots": "user"}
    assert set(Change.objects.filter(object_type="options").values_list("actor_kind", flat=True)) == {kinds[who]}


@pytest.mark.parametrize("name", ["Ünï cödé", "a/b", "50% & more?", "options", "x+y"])
def test_names_and_words_may_need_encoding(ops, t100, name):
    application = application_create(name=name, contact_center=t100)
    assert ops.done("PUT", at(application, "séc tion", "opt%ion?"), {"value": "v"}) == line("séc tion", "opt%ion?", "v")
    ops.done("PUT", at(application, "options", "options"), {"value": "w"})
    assert ops.get(at(application)) == [line("options", "options", "w"), line("séc tion", "opt%ion?", "v")]
    ops.done("DELETE", at(application, "options", "options"))


def test_several_are_changed_at_once_or_none(ops, desk, declare):
    declare(IntegerOption, name="size", default=1, minimum=1, holders=(Application.Type.OTHER,))
    ops.done("PUT", at(desk, "old", "one"), {"value": "1"})
    sent = [
        {"section": "a", "option": "x", "value": "1"},
        {"name": "test/size", "value": "5"},
        {"section": "old", "option": "one", "value": None},
    ]
    assert ops.done("PATCH", at(desk), sent) == [line("a", "x", "1"), line("test", "size", "5")]
    before = everything()
    wrong = [{"name": "a/x", "value": "2"}, {"name": "test/size", "value": "none"}, {"name": "no/such", "value": None}]
    answer = ops("PATCH", at(desk), wrong)
    assert refusal(answer)[0] == 400
    named = [each["status"]["detail"]["field"] for each in answer.json()["errors"]]
    assert named == ["test/size", "no/such"]
    assert refusal(ops("PUT", at(desk, "test", "size"), {"value": "none"})) == (400, 2, "value")
    assert everything() == before


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "data"),
        ("x", "data"),
        ([7], "data.0"),
        ([{"name": "a/b", "value": "1"}, {"section": "a", "option": "b", "value": "2"}], "data.1"),
        ([{"name": "a/b"}], "data.0.value"),
        ([{"name": "a/b", "value": 7}], "data.0.value"),
        ([{"name": "ab", "value": "1"}], "data.0.name"),
        ([{"name": ["a/b"], "value": "1"}], "data.0.name"),
        ([{"section": "a", "value": "1"}], "data.0.option"),
        ([{"option": "a", "value": "1"}], "data.0.section"),
        ([{"section": "a", "option": 1, "value": "1"}], "data.0.option"),
        ([{"section": "a", "option": "x" * 256, "value": "1"}], "data.0.option"),
        ([{"section": "a", "option": "x\n", "value": "1"}], "data.0.option"),
        ([{"name": "a/" + "x" * 300, "value": "1"}], "a/" + "x" * 300),
        ([{"name": "a/b/c", "value": "1"}], "a/b/c"),
        ([{"name": "a/b", "value": "x" * 65_537}], "data.0.value"),
    ],
)
def test_a_wrong_list_names_what_is_wrong(ops, desk, sent, field):
    before = everything()
    assert refusal(ops("PATCH", at(desk), sent))[::2] == (400, field)
    assert everything() == before


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ("{", ""),
        ("{}", "data"),
        ('{"data": []}', "data"),
        ('{"data": {}}', "value"),
        ('{"data": {"value": 7}}', "value"),
        ('{"data": {"value": null}}', "value"),
        ('{"data": {"value": "\\u0000"}}', ""),
    ],
)
def test_a_body_that_is_no_value_is_refused(ops, desk, raw, field):
    assert refusal(ops("PUT", at(desk, "a", "b"), raw=raw))[::2] == (400, field)


@pytest.mark.parametrize(
    ("words", "field"), [(("s", "x" * 256), "option"), (("x" * 256, "o"), "section"), (("s", "o\n"), "option")]
)
def test_words_that_no_option_can_have_are_refused(ops, desk, words, field):
    assert refusal(ops("PUT", at(desk, *words), {"value": "1"}))[::2] == (400, field)
    assert refusal(ops("DELETE", at(desk, *words)))[0] == 404


def test_a_secret_is_told_to_those_who_may_read_it(ops, script, hers, roots, desk, shared):
    for application in (desk, shared):
        ops.done("PUT", at(application, "crm", "password"), {"value": "not-for-all"})
    hidden = [{"name": "crm/password", "section": "crm", "option": "password", "secret": True}]
    shown = [hidden[0] | {"value": "not-for-all"}]
    assert ops.get(at(desk)) == script.get(at(desk)) == hidden
    assert hers.get(at(desk)) == roots.get(at(desk)) == roots.get(at(shared)) == shown
    # What the installation shares it does not tell a contact center.
    assert hers.get(at(shared)) == hidden
    assert "not-for-all" not in str(list(Change.objects.values()))


def test_an_unknown_or_foreign_application_is_not_found_alike(hers, script, ops, desk, foreign):
    before = everything()
    for asker in (hers, script):
        for method, words, sent in (
            ("GET", (), {}),
            ("PATCH", (), [{"name": "a/b", "value": "1"}]),
            ("PUT", ("a", "b"), {"value": "1"}),
            ("DELETE", ("a", "b"), {}),
        ):
            told = [asker(method, at(name, *words), sent) for name in ("Theirs", "Nobodys")]
            assert [refusal(answer)[:2] for answer in told] == [(404, 6), (404, 6)]
            assert told[0].content == told[1].content
    assert everything() == before
    assert ops.get(at(foreign)) == []


def test_a_shared_application_is_read_by_all_and_written_by_the_installation(hers, script, ops, shared):
    ops.done("PUT", at(shared, "a", "b"), {"value": "1"})
    before = everything()
    for asker in (hers, script):
        assert asker.get(at(shared)) == [line("a", "b", "1")]
        assert refusal(asker("PUT", at(shared, "a", "b"), {"value": "2"}))[:2] == (403, 5)
        assert refusal(asker("PATCH", at(shared), [{"name": "a/b", "value": None}]))[:2] == (403, 5)
        assert refusal(asker("PATCH", at(shared), []))[:2] == (403, 5)
        assert refusal(asker("DELETE", at(shared, "a", "b")))[:2] == (403, 5)
        assert refusal(asker("DELETE", at(shared, "no", "such")))[:2] == (403, 5)
    assert everything() == before


def test_a_write_that_names_another_state_is_refused(ops, desk, foreign):
    ops.done("PUT", at(desk, "a", "b"), {"value": "1"})
    tag = tag_of(ops, desk)
    assert tag == tag_of(ops, desk)
    answer = ops("PATCH", at(desk), [{"name": "a/b", "value": "2"}], If_Match=f'"other", {tag}')
    assert (answer.status_code, answer["ETag"]) == (200, tag_of(ops, desk))
    assert answer["ETag"] != tag
    before = everything()
    for wrong in (tag, f"W/{answer['ETag']}", '"', "", "x", tag_of(ops, foreign)):
        for method, words, sent in (
            ("PUT", ("a", "b"), {"value": "3"}),
            ("DELETE", ("a", "b"), {}),
            ("PATCH", (), [{"name": "a/b", "value": "3"}]),
            ("PATCH", (), []),
        ):
            assert refusal(ops(method, at(desk, *words), sent, If_Match=wrong))[:2] == (412, 2), (wrong, method)
    assert everything() == before
    ops.done("PUT", at(desk, "a", "b"), {"value": "3"}, If_Match=answer["ETag"])
    ops.done("DELETE", at(desk, "a", "b"), If_Match="*")


def test_every_write_answers_the_tag_that_the_next_one_may_name(ops, desk):
    tag = tag_of(ops, desk)
    for method, words, sent in (
        ("PUT", ("a", "b"), {"value": "1"}),
        ("PUT", ("c", "d"), {"value": "1"}),
        ("DELETE", ("a", "b"), {}),
        ("PATCH", (), [{"name": "a/b", "value": "2"}]),
        ("DELETE", ("c", "d"), {}),
    ):
        answer = ops(method, at(desk, *words), sent, If_Match=tag)
        assert (answer.status_code, answer["ETag"]) == (200, tag_of(ops, desk)), (method, words)
        assert answer["ETag"] != tag
        tag = answer["ETag"]


def test_a_change_of_a_secret_changes_the_tag_and_the_tag_tells_nothing_of_it(ops, desk):
    ops.done("PUT", at(desk, "crm", "password"), {"value": "one"})
    first = tag_of(ops, desk)
    ops.done("PUT", at(desk, "crm", "password"), {"value": "one"})
    assert tag_of(ops, desk) == first
    ops.done("PUT", at(desk, "crm", "password"), {"value": "two"})
    assert tag_of(ops, desk) != first


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_of_two_writes_upon_the_same_state_one_is_refused(ops, t100, wide_gate, method):
    application = application_create(name="Desk", contact_center=t100)
    option_set(holder=application, section="a", name="b", value="1")
    tag = tag_of(ops, application)

    def write(value):
        if method == "PUT":
            return ops("PUT", at(application, "a", "b"), {"value": value}, If_Match=tag)
        return ops("PATCH", at(application), [{"name": "a/b", "value": value}], If_Match=tag)

    answers = at_once([lambda value=value: write(str(value)) for value in range(2, 6)])
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
