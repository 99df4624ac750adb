"""Options: declared once, read over their levels, set through one service."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.models import Change
from config.http.errors import Forbidden, NotFound
from environment.declarations import (
    CONTACT_CENTER,
    INSTALLATION,
    BooleanOption,
    ChoiceOption,
    DurationOption,
    IntegerOption,
    ListOption,
    TextOption,
    declaration_of,
)
from environment.errors import OptionRefused
from environment.models import Application, Option
from environment.options import CORS_ORIGINS
from environment.services import (
    application_create,
    application_update,
    option_delete,
    option_plain,
    option_set,
    options_set_many,
)

EVERYWHERE = (INSTALLATION, CONTACT_CENTER, Application.Type.OTHER)


def test_a_read_falls_back_over_the_levels_and_says_which_gave_it(declare, one):
    limit = declare(IntegerOption, name="limit", default=1, holders=EVERYWHERE)
    application = application_create(name="App", contact_center=one)
    assert limit.explain(application) == (1, "default")
    option_set(holder=None, section="test", name="limit", value="2")
    assert limit.explain(application) == (2, "installation")
    option_set(holder=one, section="test", name="limit", value="3")
    assert limit.explain(application) == (3, "contact-center")
    option_set(holder=application, section="test", name="limit", value="4")
    assert limit.explain(application) == (4, "application")
    assert limit.of(one) == limit.of(one.pk) == 3
    assert limit.of(None) == 2


def test_levels_that_are_not_holders_do_not_count(declare, one):
    limit = declare(IntegerOption, name="limit", default=1, holders=(INSTALLATION,))
    Option.objects.create(contact_center=one, section="test", name="limit", value="9")
    assert limit.of(one) == 1


def test_a_shared_application_takes_what_the_installation_has(declare, one):
    limit = declare(IntegerOption, name="limit", default=1, holders=EVERYWHERE)
    shared = application_create(name="Shared")
    option_set(holder=one, section="test", name="limit", value="3")
    assert limit.of(shared) == 1
    option_set(holder=shared, section="test", name="limit", value="5")
    assert limit.explain(shared) == (5, "application")


def test_a_change_counts_on_the_next_request_and_reads_cost_one_statement_between(declare, one, as_root):
    limit = declare(IntegerOption, name="limit", default=1, holders=EVERYWHERE)
    with as_root():
        assert limit.of(one) == 1
    with as_root(), CaptureQueriesContext(connection) as queries:
        assert limit.of(one) == 1
        assert limit.of(one) == 1
    assert len(queries) == 1
    with as_root():
        option_set(holder=one, section="test", name="limit", value="7")
        assert limit.of(one) == 7
    with as_root():
        assert limit.of(one) == 7


def test_options_move_with_their_application(declare, one, two):
    limit = declare(IntegerOption, name="limit", default=1, holders=EVERYWHERE)
    application = application_create(name="App", contact_center=one)
    option_set(holder=application, section="test", name="limit", value="4")
    application_update(application, contact_center=two)
    assert limit.of(application) == 4


def test_a_value_that_became_invalid_gives_way_to_the_next_level(declare, one):
    limit = declare(IntegerOption, name="limit", default=1, maximum=10, holders=EVERYWHERE)
    Option.objects.create(contact_center=one, section="test", name="limit", value="11")
    assert limit.explain(one) == (1, "default")


def test_declaring_twice_for_the_same_holder_stops_the_start(declare):
    declare(IntegerOption, name="limit", default=1, holders=(INSTALLATION,))
    declare(IntegerOption, name="limit", default=1, holders=(CONTACT_CENTER,))
    with pytest.raises(ImproperlyConfigured, match="test/limit"):
        declare(TextOption, name="limit", default="", holders=(CONTACT_CENTER,))


def test_an_invalid_value_is_refused_by_name(declare, one):
    declare(IntegerOption, name="limit", default=1, minimum=0, maximum=10, holders=EVERYWHERE)
    with pytest.raises(OptionRefused) as refused:
        option_set(holder=one, section="test", name="limit", value="11")
    assert [fault.field for fault in refused.value.fields] == ["test/limit"]
    assert not Option.objects.exists()


def test_an_unknown_option_is_kept_and_flagged(one):
    option = option_set(holder=one, section="pulse", name="anything", value="goes")
    assert declaration_of(option) is None
    assert Option.objects.get().value == "goes"


@pytest.mark.parametrize("name", ["password", "db-password", "api_key", "Client Secret"])
def test_an_unknown_option_that_sounds_secret_is_sealed(one, name):
    option = option_set(holder=one, section="pulse", name=name, value="hunter2")
    assert option.sealed
    assert "hunter2" not in Option.objects.get().value
    assert option_plain(option) == "hunter2"


def test_a_secret_is_sealed_read_back_and_never_in_a_change_row(declare, one):
    secret = declare(TextOption, name="shared", default="", secret=True, holders=EVERYWHERE)
    option_set(holder=one, section="test", name="shared", value="hunter2")
    option_set(holder=one, section="test", name="shared", value="hunter3")
    assert secret.of(one) == "hunter3"
    assert "hunter3" not in Option.objects.get().value
    changes = list(Change.objects.filter(object_type="options").order_by("pk"))
    assert [change.after["value"] for change in changes] == ["set", "changed"]
    assert "hunter" not in str([(change.before, change.after) for change in changes])


def test_setting_the_value_it_has_writes_nothing(declare, one):
    declare(TextOption, name="shared", default="", secret=True, holders=EVERYWHERE)
    for name in ("shared", "other"):
        option_set(holder=one, section="test", name=name, value="same")
    one.refresh_from_db()
    before = (one.config_stamp, Change.objects.count(), Option.objects.get(name="shared").value)
    for name in ("shared", "other"):
        option_set(holder=one, section="test", name=name, value="same")
    one.refresh_from_db()
    assert (one.config_stamp, Change.objects.count(), Option.objects.get(name="shared").value) == before


def test_each_change_is_recorded_with_its_values(one):
    option_set(holder=one, section="pulse", name="colour", value="red", reason="brand")
    option_set(holder=one, section="pulse", name="colour", value="blue")
    option_delete(holder=one, section="pulse", name="colour")
    changes = Change.objects.filter(object_type="options").order_by("pk")
    rows = changes.values_list("action", "before", "after", "reason")
    assert [(action, before.get("value"), after.get("value"), why) for action, before, after, why in rows] == [
        ("create", None, "red", "brand"),
        ("update", "red", "blue", ""),
        ("delete", "blue", None, ""),
    ]


def test_many_options_are_set_all_or_none(declare, one):
    declare(IntegerOption, name="limit", default=1, holders=EVERYWHERE)
    with pytest.raises(OptionRefused) as refused:
        options_set_many(
            holder=one,
            values={("test", "limit"): "x", ("test", "free"): "kept?", ("test", "gone"): None, ("bad/", "x"): "1"},
        )
    assert [fault.field for fault in refused.value.fields] == ["test/limit", "test/gone", "bad//x"]
    assert not Option.objects.exists()
    rows = options_set_many(holder=one, values={("test", "limit"): "3", ("test", "free"): "kept"})
    assert [row.value for row in rows] == ["3", "kept"]


def test_deleting_what_is_not_set_is_not_found(one):
    with pytest.raises(NotFound):
        option_delete(holder=one, section="test", name="limit")


def test_a_contact_centers_administrator_sets_only_its_own(declare, one, as_alice, as_eve):
    declare(IntegerOption, name="limit", default=1, holders=EVERYWHERE)
    application = application_create(name="App", contact_center=one)
    with as_alice():
        option_set(holder=one, section="test", name="limit", value="1")
        option_set(holder=application, section="test", name="limit", value="1")
        with pytest.raises(Forbidden):
            option_set(holder=None, section="test", name="limit", value="1")
    for holder in (one, application):
        with as_eve(), pytest.raises(Forbidden):
            option_set(holder=holder, section="test", name="limit", value="2")
        with as_eve(), pytest.raises(Forbidden):
            option_delete(holder=holder, section="test", name="limit")


def test_what_the_installation_sets_is_not_a_contact_centers_to_set(declare, one, as_alice, as_root):
    declare(IntegerOption, name="limit", default=1, holders=(CONTACT_CENTER,), set_by="installation")
    with as_alice(), pytest.raises(Forbidden) as refused:
        option_set(holder=one, section="test", name="limit", value="1")
    assert refused.value.fields[0].field == "test/limit"
    with as_root():
        option_set(holder=one, section="test", name="limit", value="1")


def test_types_read_texts_as_administrators_write_them(declare):
    flag = declare(BooleanOption, name="flag", default=False, holders=(INSTALLATION,))
    assert [flag.parse(text) for text in ("TRUE", " yes", "1", "off", "No")] == [True, True, True, False, False]
    scheme = declare(ChoiceOption, name="scheme", default="none", choices=("none", "Basic"), holders=(INSTALLATION,))
    assert scheme.parse("BASIC ") == "Basic"
    span = declare(DurationOption, name="span", default=timedelta(minutes=5), unit="minutes", holders=(INSTALLATION,))
    assert span.parse("90") == timedelta(hours=1.5)
    assert span.format(timedelta(hours=2)) == "120"
    names = declare(ListOption, name="names", default=(), holders=(INSTALLATION,))
    assert names.parse(" a, ,b ") == ("a", "b")
    for declaration, text in ((flag, "maybe"), (scheme, "digest"), (span, "1.5"), (span, "-1")):
        with pytest.raises(ValidationError):
            declaration.parse(text)


@pytest.mark.parametrize(
    "text",
    ["https://desk.example.com", "https://*.example.com:8443", "http://localhost:8080", "http://desk.example.com", ""],
)
def test_browser_origins_are_exact_or_of_one_https_domain(text):
    CORS_ORIGINS.parse(text)


@pytest.mark.parametrize(
    "text", ["*", "null", "https://*", "https://*.com", "http://*.example.com", "https://a.example.com/x", "desk"]
)
def test_other_browser_origins_are_refused(text):
    with pytest.raises(ValidationError):
        CORS_ORIGINS.parse(text)
