"""Services of strategies: what is judged, what is sealed, what is recorded, and who may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import override_settings

from accounts.models import Role, User
from accounts.selectors import principal_of_user
from accounts.services.users import user_update
from activity.models import Change, SecurityEvent
from config.context import RequestContext, entered
from config.encryption import SealBroken
from config.http.errors import Forbidden, InUse, InvalidParameter, NotFound
from environment.errors import NameTaken
from environment.models import ContactCenter
from environment.services import application_create, application_delete
from history.models import Strategy, StrategyVersion
from history.scxml import problems_of
from history.selectors.strategies import base_url_of, is_changed, state_of
from history.services.strategies import (
    strategy_create,
    strategy_credentials_set,
    strategy_delete,
    strategy_password_plain,
    strategy_update,
)
from history.services.strategy_versions import (
    scxml_download,
    scxml_plain,
    strategy_deploy,
    strategy_regenerate,
    strategy_version,
)
from history.services.strategy_workflows import (
    strategy_download_workflow,
    strategy_map_variables,
    strategy_upload_workflow,
)
from tests.history.strategy_cast import PAIR, a_strategy, strategy_pair_matches, web_engagement
from tests.history.test_workflow import ENTRY, FILE, PASSWORD, USER, with_entry

NEW = "onyx-harbour-12"


@contextmanager
def asking_as(user: User) -> Iterator[None]:
    with entered(RequestContext(address="192.0.2.7", principal=principal_of_user(user, proof="session"))):
        yield


def holding(t100: ContactCenter, make_user: Any, *privileges: str) -> User:
    """A user of contact center one with these privileges alone."""
    role = Role.objects.create(name="SOME", contact_center=t100, privileges=list(privileges))
    return make_user("carol", t100, roles=[role])


def everything_stored() -> str:
    """All rows of this room and of what happened, as text."""
    texts = []
    for table in ("history_strategy", "history_strategyversion", "activity_change", "activity_securityevent"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            texts.append(repr(cursor.fetchall()))
    return "\n".join(texts)


def test_a_strategys_life(t100: ContactCenter) -> None:
    strategy = a_strategy(t100, pages_at_least=2)
    assert state_of(strategy) == "draft"
    first = strategy_regenerate(strategy, reason="first")
    assert state_of(strategy) == "validated"
    assert (first.number, first.problems, first.is_valid, first.made_by) == (1, [], True, "manage.py")
    strategy_deploy(strategy, version=first)
    assert (state_of(strategy), strategy.deployed, is_changed(strategy)) == ("deployed", first, False)
    strategy_update(strategy, events_at_least=4)
    assert is_changed(strategy)
    second = strategy_regenerate(strategy)
    assert strategy.deployed == first
    strategy_deploy(strategy, version=second)
    assert not is_changed(strategy)
    strategy_deploy(strategy, version=first, reason="back")
    assert is_changed(strategy)
    rows = Change.objects.filter(object_type="strategies", object_id=str(strategy.pk)).order_by("pk")
    assert [(row.action, row.after.get("deployed"), row.after.get("generated"), row.reason) for row in rows] == [
        ("create", None, None, ""),
        ("update", None, "version 1", "first"),
        ("update", "version 1", None, ""),
        ("update", None, None, ""),
        ("update", None, "version 2", ""),
        ("update", "version 2", None, ""),
        ("update", "version 1", None, "back"),
    ]
    strategy_delete(strategy)
    assert not StrategyVersion.objects.exists()
    assert Change.objects.order_by("pk").last().action == "delete"  # type: ignore[union-attr]


def test_deploying_what_is_deployed_changes_nothing(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    version = strategy_regenerate(strategy)
    strategy_deploy(strategy, version=version)
    before = Change.objects.count()
    strategy_deploy(strategy, version=version)
    assert Change.objects.count() == before


def test_the_document_holds_the_credentials_and_no_row_does(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    strategy_upload_workflow(strategy, data=FILE.replace("old", "seasalt").encode())
    version = strategy_regenerate(strategy)
    strategy_credentials_set(strategy, user="other", password=NEW)
    text = scxml_plain(version)
    assert f"'{PAIR[1]}'" in text
    assert problems_of(text.encode()) == []
    stored = everything_stored()
    for secret in (PAIR[1], NEW, "seasalt"):
        assert secret not in stored
    row = Change.objects.order_by("pk").last()
    assert row is not None
    assert (row.before["password"], row.after["password"], row.after["user"]) == ("set", "changed", "other")


def test_two_versions_of_the_same_properties_have_different_checksums(t100: ContactCenter) -> None:
    """Else whoever sees a checksum could try passwords at it."""
    strategy = a_strategy(t100)
    first, second = strategy_regenerate(strategy), strategy_regenerate(strategy)
    assert first.properties == second.properties
    assert first.properties["password"] == "set"
    assert first.checksum != second.checksum


def test_a_sealed_value_opens_in_its_own_row_only(t100: ContactCenter) -> None:
    one, two = a_strategy(t100), a_strategy(t100, "Other_Server", password=NEW)
    Strategy.objects.filter(pk=two.pk).update(password=one.password)
    with pytest.raises(SealBroken):
        strategy_password_plain(Strategy.objects.get(pk=two.pk))
    with pytest.raises(InvalidParameter, match="set it again"):
        strategy_regenerate(two)
    assert not strategy_pair_matches(Strategy.objects.get(pk=two.pk), user=PAIR[0], password=PAIR[1])


def test_the_pair_is_compared_whole(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    assert strategy_pair_matches(strategy, user=PAIR[0], password=PAIR[1])
    for user, password in ((PAIR[0], NEW), ("other", PAIR[1]), ("", ""), (PAIR[0], PAIR[1] + " "), (PAIR[0], "\ud800")):
        assert not strategy_pair_matches(strategy, user=user, password=password)
    empty = a_strategy(t100, "Open_Server", user="", password="")
    assert strategy_pair_matches(empty, user="", password="")
    assert strategy_password_plain(strategy) == PAIR[1]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"name": "a b"}, "name"),
        ({"name": "-x"}, "name"),
        ({"name": "x\n"}, "name"),
        ({"name": ""}, "name"),
        ({"user": "a:b"}, "user"),
        ({"user": "a\n"}, "user"),
        ({"user": "\ud800"}, "user"),
        ({"user": ""}, "user"),
        ({"password": ""}, "password"),
        ({"password": "x\ty"}, "password"),
        ({"password": "x\x80y"}, "password"),
        ({"password": "x\udfff"}, "password"),
        ({"password": "x" * 513}, "password"),
        ({"base_url": "ftp://x/y"}, "base_url"),
        ({"base_url": "javascript:alert(1)"}, "base_url"),
        ({"base_url": "https://me:secret@x/y"}, "base_url"),
        ({"base_url": "https://x/y?z"}, "base_url"),
        ({"base_url": "https://x/y#"}, "base_url"),
        ({"base_url": "https://x/a b"}, "base_url"),
        ({"base_url": "https://x:99999/"}, "base_url"),
        ({"base_url": "https://"}, "base_url"),
        ({"base_url": "https://exämple/"}, "base_url"),
        ({"pages_at_least": -1}, "pages_at_least"),
        ({"events_at_least": 1_000_001}, "events_at_least"),
        ({"user_variable": "class"}, "user_variable"),
        ({"user_variable": "a-b"}, "user_variable"),
        ({"password_variable": "visitId"}, "password_variable"),
        ({"password_variable": "Decision"}, "password_variable"),
        ({"password_variable": "user"}, "password_variable"),
    ],
)
def test_each_property_is_judged_by_its_field(t100: ContactCenter, words: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        a_strategy(t100, **words)
    assert set(refused.value.message_dict) == {field}
    assert not Strategy.objects.exists()


def test_its_application_is_a_web_engagement_server_of_a_contact_center(t100: ContactCenter) -> None:
    desk, shared = application_create(name="Desk", contact_center=t100), web_engagement(None, "Shared")  # type: ignore[arg-type]
    for application, words in ((desk, "no Web Engagement Server"), (shared, "belongs to no contact center")):
        with pytest.raises(ValidationError, match=words) as refused:
            strategy_create(application=application)
        assert set(refused.value.message_dict) == {"application"}


def test_a_name_stands_once_in_an_application(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    with pytest.raises((ValidationError, NameTaken)):
        strategy_create(application=strategy.application)
    assert strategy_create(application=strategy.application, name="second").pk


def test_an_application_with_a_strategy_is_not_deleted(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    with pytest.raises(InUse, match="engagement strategies"):
        application_delete(strategy.application)


@override_settings(DESKGATE_PUBLIC_URL="https://auth.example.com")
def test_the_usual_address_is_the_applications_own_door(t100: ContactCenter) -> None:
    strategy = a_strategy(t100, "Web Server/ä")
    assert base_url_of(strategy) == "https://auth.example.com/history/Web%20Server%2F%C3%A4/server/data"
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    with override_settings(DESKGATE_PUBLIC_URL="https://new.example.com"):
        assert is_changed(strategy)
    strategy_update(strategy, base_url="http://gwe:9081/server/data/")
    assert base_url_of(strategy) == "http://gwe:9081/server/data"


def test_a_user_taken_away_takes_the_password_along(t100: ContactCenter) -> None:
    strategy = strategy_update(a_strategy(t100), user="")
    assert (strategy.user, strategy.password) == ("", "")


def test_a_version_with_problems_is_kept_and_not_deployed(t100: ContactCenter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("history.services.strategy_versions.written", lambda entry, *, salt: "<scxml/>")
    strategy = a_strategy(t100)
    version = strategy_regenerate(strategy)
    assert (state_of(strategy), version.is_valid) == ("generated", False)
    assert version.problems[0]["words"].startswith("The root is not in the namespace")
    with pytest.raises(InvalidParameter, match="problems"):
        strategy_deploy(strategy, version=version)
    assert Strategy.objects.get().deployed is None


def test_a_version_of_another_strategy_or_with_another_text_is_not_deployed(t100: ContactCenter) -> None:
    one, two = a_strategy(t100), a_strategy(t100, "Other_Server")
    first, second = strategy_regenerate(one), strategy_regenerate(one)
    with pytest.raises(NotFound):
        strategy_deploy(two, version=first)
    StrategyVersion.objects.filter(pk=first.pk).update(scxml=second.scxml)
    with pytest.raises(InvalidParameter, match="cannot be read"):
        strategy_deploy(one, version=first)
    with pytest.raises(NotFound):
        strategy_version(one, 3)


def test_writing_and_deploying_are_two_privileges(t100: ContactCenter, make_user: Any) -> None:
    strategy = a_strategy(t100)
    carol = holding(t100, make_user, "strategies:write", "applications:read")
    with asking_as(carol):
        strategy_update(strategy, pages_at_least=7)
        version = strategy_regenerate(strategy)
        with pytest.raises(Forbidden):
            strategy_deploy(strategy, version=version)
        for reading in (lambda: scxml_download(version), lambda: strategy_download_workflow(strategy)):
            with pytest.raises(Forbidden, match="secrets"):
                reading()
    assert version.made_by == str(carol)
    assert not SecurityEvent.objects.filter(name="strategy.downloaded").exists()
    user_update(carol, roles=[Role.objects.create(name="R", contact_center=t100, privileges=["strategies:read"])])
    with asking_as(User.objects.get(pk=carol.pk)):
        for writing in (
            lambda: strategy_update(strategy, pages_at_least=8),
            lambda: strategy_regenerate(strategy),
            lambda: strategy_upload_workflow(strategy, data=FILE.encode()),
            lambda: strategy_delete(strategy),
            lambda: strategy_credentials_set(strategy, user="x", password="y"),
        ):
            with pytest.raises(Forbidden):
                writing()


def test_a_stored_password_follows_another_base_url_only_of_those_who_may_read_it(
    t100: ContactCenter, make_user: Any, alice: User
) -> None:
    a_strategy(t100, base_url="https://gwe.example.com/server/data")
    carol = holding(t100, make_user, "strategies:write", "applications:read")
    with asking_as(carol):
        for url in ("https://carol.example.com/", ""):
            with pytest.raises(ValidationError) as refused:
                strategy_update(Strategy.objects.get(), base_url=url)
            assert set(refused.value.message_dict) == {"password"}
        strategy_update(Strategy.objects.get(), base_url="https://gwe.example.com/server/data/", pages_at_least=4)
        assert Strategy.objects.get().pages_at_least == 4
        strategy_update(Strategy.objects.get(), base_url="https://carol.example.com", password=NEW)
        assert strategy_pair_matches(Strategy.objects.get(), user=PAIR[0], password=NEW)
        strategy_update(Strategy.objects.get(), base_url="https://other.example.com", user="")
        strategy_update(Strategy.objects.get(), base_url="https://more.example.com")
    strategy_credentials_set(Strategy.objects.get(), user=PAIR[0], password=PAIR[1])
    with asking_as(alice):
        strategy_update(Strategy.objects.get(), base_url="https://alice.example.com")
    strategy_update(Strategy.objects.get(), base_url="https://command.example.com")
    assert strategy_pair_matches(Strategy.objects.get(), user=PAIR[0], password=PAIR[1])


def test_another_contact_centers_administrator_does_nothing(t100: ContactCenter, eve: User) -> None:
    strategy = a_strategy(t100)
    version = strategy_regenerate(strategy)
    with asking_as(eve):
        for call in (
            lambda: strategy_update(strategy, pages_at_least=8),
            lambda: strategy_regenerate(strategy),
            lambda: strategy_deploy(strategy, version=version),
            lambda: scxml_download(version),
            lambda: strategy_upload_workflow(strategy, data=FILE.encode()),
        ):
            with pytest.raises(Forbidden):
                call()


def test_a_download_is_recorded(t100: ContactCenter, alice: User) -> None:
    strategy = a_strategy(t100)
    strategy_upload_workflow(strategy, data=FILE.encode())
    version = strategy_regenerate(strategy)
    with asking_as(alice):
        scxml_download(version)
        strategy_download_workflow(strategy)
    events = SecurityEvent.objects.filter(name="strategy.downloaded").order_by("pk")
    assert [(each.actor_name, each.detail["file"], each.contact_center_id) for each in events] == [
        (str(alice), "scxml", t100.pk),
        (str(alice), "workflow", t100.pk),
    ]


def test_a_workflow_is_kept_as_it_came_and_given_back_with_the_credentials(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    data = FILE.replace("\n", "\r\n").encode()
    strategy_upload_workflow(strategy, data=data)
    assert (strategy.user_variable, strategy.password_variable) == ("restUser", "restPassword")
    given = strategy_download_workflow(strategy)
    assert given == data.replace(b"\"''\"", b"\"'apiuserid'\"").replace(
        b"'old&amp;&#x20;1'", b"'%s'" % PAIR[1].encode()
    )
    strategy_credentials_set(strategy, user="other", password=NEW)
    assert NEW.encode() in strategy_download_workflow(strategy)


def test_the_mapping_is_the_one_typed_else_the_one_kept_else_what_names_tell(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    third = USER.replace("restUser", "third")
    data = with_entry(ENTRY + third).encode()
    strategy_upload_workflow(strategy, data=data, user_variable="third", password_variable="restUser")
    assert (strategy.user_variable, strategy.password_variable) == ("third", "restUser")
    strategy_upload_workflow(strategy, data=data + b"\n")
    assert (strategy.user_variable, strategy.password_variable) == ("third", "restUser")
    strategy_map_variables(strategy, user_variable="restUser", password_variable="restPassword")
    assert strategy.password_variable == "restPassword"
    with pytest.raises(InvalidParameter) as refused:
        strategy_map_variables(strategy, user_variable="restUser", password_variable="nobody")
    assert refused.value.fields[0].field == "password_variable"
    with pytest.raises(ValidationError):
        strategy_map_variables(strategy, user_variable="restUser", password_variable="restUser")
    assert Strategy.objects.get().password_variable == "restPassword"


def test_a_file_whose_variables_nobody_mapped_is_not_given_back(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    strange = with_entry((USER + PASSWORD).replace("restUser", "one").replace("restPassword", "two"))
    strategy_upload_workflow(strategy, data=strange.encode())
    assert (strategy.user_variable, strategy.password_variable) == ("user", "password")
    with pytest.raises(InvalidParameter, match="no variable user"):
        strategy_download_workflow(strategy)


def test_an_upload_maps_both_variables_or_neither(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    half = with_entry((USER + PASSWORD).replace("restPassword", "two")).encode()
    for typed in ("", "two"):
        strategy_upload_workflow(strategy, data=half, user_variable=typed)
        assert (strategy.user_variable, strategy.password_variable) == ("user", "password")
    strategy_upload_workflow(strategy, data=half, password_variable="two")
    assert (strategy.user_variable, strategy.password_variable) == ("restUser", "two")


def test_a_bad_file_is_refused_and_the_one_before_stays(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    with pytest.raises(NotFound):
        strategy_download_workflow(strategy)
    strategy_upload_workflow(strategy, data=FILE.encode())
    for bad in (b"", b"<a/>", FILE.replace("ird:EntryBlock", "ird:X").encode(), b"<!DOCTYPE x>" + FILE.encode()):
        with pytest.raises(InvalidParameter) as refused:
            strategy_upload_workflow(strategy, data=bad)
        assert refused.value.fields[0].field == "file"
    assert strategy_download_workflow(strategy).startswith(b"<?xml")


def test_the_same_file_again_is_no_news(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    strategy_upload_workflow(strategy, data=FILE.encode())
    before = Change.objects.count()
    strategy_upload_workflow(strategy, data=FILE.encode())
    strategy_update(strategy, password=PAIR[1])
    assert Change.objects.count() == before


def test_an_update_writes_back_nothing_that_others_changed(t100: ContactCenter) -> None:
    strategy = a_strategy(t100)
    old = Strategy.objects.get()
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    strategy_credentials_set(strategy, user="other", password=NEW)
    strategy_update(old, pages_at_least=9)
    now = Strategy.objects.get()
    assert (now.user, now.pages_at_least, now.deployed) == ("other", 9, strategy.deployed)
    assert strategy_pair_matches(now, user="other", password=NEW)


def test_problems_and_properties_are_json(t100: ContactCenter) -> None:
    version = strategy_regenerate(a_strategy(t100))
    assert json.loads(json.dumps([version.problems, version.properties])) == [version.problems, version.properties]
