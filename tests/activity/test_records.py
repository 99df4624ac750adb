"""Change rows and security events."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from activity.jobs import Done
from activity.models import Change, SecurityEvent
from activity.purges import slice_purge
from activity.services import change_record, event_record, snapshot
from config.context import RequestContext, entered
from config.principal import Principal
from environment.models import ContactCenter, Option, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def center() -> ContactCenter:
    return ContactCenter.objects.create(number=1, name="One")


def test_a_snapshot_names_what_a_row_points_to_and_leaves_out_stamps(center):
    assert snapshot(Place.objects.create(contact_center=center, name="Place_1")) == {
        "contact_center": "One",
        "name": "Place_1",
        "enabled": True,
    }
    assert set(snapshot(center)) == {"number", "name", "environment_id", "auth", "enabled", "made_by_demo"}


def test_a_snapshot_tells_of_a_secret_only_that_it_is_set(center):
    option = Option.objects.create(contact_center=center, section="s", name="n", value="hunter2")
    assert snapshot(option)["value"] == "set"
    option.value = ""
    assert snapshot(option)["value"] == ""


def test_an_update_keeps_only_what_differs(center):
    change = change_record(action="update", obj=center, before={"a": 1, "b": 2}, after={"a": 1, "b": 3})
    assert (change.before, change.after) == ({"b": 2}, {"b": 3})


def test_an_update_without_a_difference_is_no_change(center):
    assert change_record(action="update", obj=center, before={"a": 1}, after={"a": 1}) is None
    assert not Change.objects.exists()


def test_a_secret_that_changed_is_told_as_changed(center):
    told = {"password": "set"}
    change = change_record(action="update", obj=center, before=told, after=told, secret_changed=("password",))
    assert (change.before, change.after) == ({"password": "set"}, {"password": "changed"})


def test_a_change_says_who_from_where_in_which_request_and_why(center):
    asking = Principal(kind="credential", name="ops")
    words = {"request_id": "r-1", "address": "10.0.0.1", "operation_id": "op", "reason": "because"}
    with entered(RequestContext(principal=asking, **words)):
        change = change_record(action="create", obj=center, before={}, after={"name": "One"})
    stored = Change.objects.get(pk=change.pk)
    assert (stored.actor_kind, stored.actor_name, stored.address) == ("credential", "ops", "10.0.0.1")
    assert (stored.request_id, stored.operation_id, stored.reason) == ("r-1", "op", "because")
    assert (stored.object_type, stored.object_id, stored.contact_center_id) == (
        "contact-centers",
        str(center.pk),
        center.pk,
    )


def test_outside_a_request_the_command_is_the_actor(center):
    change_record(action="create", obj=center, before={}, after={})
    assert Change.objects.get().actor_kind == "command"


def test_an_event_takes_whatever_a_stranger_typed():
    event_record(
        name="sign-in",
        outcome="refused",
        refusal="unknown user",
        user_name="x\x00y\ud800" * 300,
        client_id="c" * 999,
        detail={"tenant": "\x00", "list": ["\ud800"]},
    )
    event = SecurityEvent.objects.get()
    assert event.user_name.startswith("x\ufffdy?")
    assert (len(event.user_name), len(event.client_id)) == (512, 255)
    assert event.detail == {"tenant": "\ufffd", "list": ["?"]}


def test_an_event_is_one_log_line(caplog):
    with caplog.at_level(logging.INFO, logger="deskgate"):
        event_record(name="sign-in", user_name="alice")
    assert len([record for record in caplog.records if "security event" in record.getMessage()]) == 1


def test_a_purge_takes_the_oldest_first_and_stops_at_its_bound():
    for days in (10, 30, 20):
        event_record(name=f"{days} days ago")
        SecurityEvent.objects.filter(name=f"{days} days ago").update(at=timezone.now() - timedelta(days=days))
    rows = SecurityEvent.objects.filter(at__lt=timezone.now() - timedelta(days=15))
    assert slice_purge(rows, by="at", limit=1) == Done(1, left_over=True)
    assert set(SecurityEvent.objects.values_list("name", flat=True)) == {"10 days ago", "20 days ago"}
    assert slice_purge(rows, by="at", limit=9) == Done(1)
    assert slice_purge(rows, by="at", limit=9) == Done()
