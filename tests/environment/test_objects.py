"""The governed write, contact centers, stamps."""

import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from activity.models import Change
from config.http.errors import Forbidden, InUse
from environment.models import ContactCenter, Device, Domain, Installation, Place
from environment.selectors import Stamps, contact_center_of_domain, only_contact_center, remember_stamps, stamps_of
from environment.services import (
    contact_center_create,
    contact_center_delete,
    contact_center_update,
    installation_new_epoch,
    next_dbid,
    object_delete,
    object_save,
    restamp,
    restamping_once,
)


def stamp_of(contact_center):
    return ContactCenter.objects.get(pk=contact_center.pk).config_stamp


def test_a_write_leaves_a_change_row_and_a_new_stamp(one, as_alice):
    before = stamp_of(one)
    with as_alice(request_id="r-1", address="10.0.0.1", reason="moved in"):
        place = object_save(Place(contact_center=one, name="Place_1"))
    change = Change.objects.get(object_type="places")
    assert (change.action, change.object_name, change.actor_kind, change.actor_name) == (
        "create",
        "Place_1",
        "user",
        "one\\alice",
    )
    assert (change.request_id, change.address, change.reason) == ("r-1", "10.0.0.1", "moved in")
    assert (change.contact_center_id, change.object_id) == (one.pk, str(place.pk))
    assert stamp_of(one) != before


def test_a_write_without_a_difference_writes_nothing(one):
    place = object_save(Place(contact_center=one, name="Place_1"))
    before = (stamp_of(one), Change.objects.count())
    object_save(Place.objects.get(pk=place.pk))
    assert (stamp_of(one), Change.objects.count()) == before


def test_moving_a_row_asks_about_the_old_and_the_new_place(one, two, as_alice, as_eve):
    place = object_save(Place(contact_center=one, name="Place_1"))
    for asking in (as_alice, as_eve):
        moved = Place.objects.get(pk=place.pk)
        moved.contact_center = two
        with asking(), pytest.raises(Forbidden):
            object_save(moved)
    before = (stamp_of(one), stamp_of(two))
    moved = Place.objects.get(pk=place.pk)
    moved.contact_center = two
    object_save(moved)
    assert stamp_of(one) != before[0]
    assert stamp_of(two) != before[1]


def test_validation_names_the_field(one, two):
    place = object_save(Place(contact_center=two, name="Place_2"))
    with pytest.raises(ValidationError) as refused:
        object_save(Device(contact_center=one, dn="7001", switch="SIP_Switch", place=place))
    assert list(refused.value.message_dict) == ["place"]


def test_a_stale_reading_does_not_put_old_stamps_back(one):
    stale = ContactCenter.objects.get(pk=one.pk)
    next_dbid(one.pk)
    restamp(one.pk)
    now = ContactCenter.objects.get(pk=one.pk)
    contact_center_update(stale, name="Renamed")
    after = ContactCenter.objects.get(pk=one.pk)
    assert after.next_dbid == now.next_dbid
    assert after.config_stamp not in (now.config_stamp, stale.config_stamp)


def test_a_used_contact_center_is_not_deleted_and_says_why(one):
    object_save(Place(contact_center=one, name="Place_1"))
    with pytest.raises(InUse, match="Place_1") as refused:
        contact_center_delete(one)
    assert (refused.value.status, refused.value.code) == (409, 19)
    assert not Change.objects.filter(action="delete").exists()
    object_delete(Place.objects.get())
    contact_center_delete(one)
    assert not ContactCenter.objects.exists()


def test_the_installation_makes_contact_centers_and_nobody_else(one, as_alice):
    with as_alice():
        contact_center_update(one, name="Alice's")
        with pytest.raises(Forbidden):
            contact_center_create(name="Mine")
        with pytest.raises(Forbidden):
            contact_center_update(ContactCenter.objects.get(), enabled=False)
        with pytest.raises(Forbidden):
            contact_center_update(ContactCenter.objects.get(), domains=["one", "two"])
        with pytest.raises(Forbidden):
            contact_center_delete(ContactCenter.objects.get())


def test_a_number_is_not_given_again(one):
    third = contact_center_create(name="Third")
    assert third.number == 2
    contact_center_delete(third)
    assert contact_center_create(name="Fourth").number == 3


def test_domains_are_unique_whatever_their_case_and_keep_their_order(one):
    contact_center_update(one, domains=["zeta", "one", "alpha"])
    assert [domain.name for domain in one.domains.all()] == ["zeta", "one", "alpha"]
    change = Change.objects.filter(object_type="contact-centers").first()
    assert (change.before, change.after) == ({"domains": ["one"]}, {"domains": ["zeta", "one", "alpha"]})
    with pytest.raises(ValidationError) as refused:
        contact_center_create(name="Two", domains=["ZETA"])
    assert list(refused.value.message_dict) == ["domains"]
    assert ContactCenter.objects.count() == 1
    before = (stamp_of(one), Change.objects.count())
    contact_center_update(one, domains=["zeta", "one", "alpha"])
    assert (stamp_of(one), Change.objects.count()) == before


def test_a_contact_center_is_found_by_any_domain(one, two):
    assert contact_center_of_domain("ONE") == one
    assert contact_center_of_domain("nobody") is None
    assert contact_center_of_domain("one\x00") is None


def test_a_bare_name_is_enough_only_in_an_installation_of_one(db):
    assert only_contact_center() is None
    one = contact_center_create(name="One")
    assert only_contact_center() == one
    contact_center_create(name="Two")
    assert only_contact_center() is None


def test_dbids_are_given_once(one):
    assert [next_dbid(one.pk), next_dbid(one.pk, count=10), next_dbid(one.pk)] == [101, 102, 112]
    with pytest.raises(ContactCenter.DoesNotExist):
        next_dbid(uuid.uuid4())


@pytest.mark.django_db(transaction=True)
def test_dbids_are_given_once_to_callers_at_the_same_time():
    contact_center = contact_center_create(name="One")
    taken = []

    def take():
        taken.extend(next_dbid(contact_center.pk) for _ in range(20))
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(101, 181))


def test_stamps_come_in_one_statement_and_once_a_request(one, as_root, django_assert_num_queries):
    with as_root(), django_assert_num_queries(1):
        stamps = stamps_of(one.pk)
        assert stamps_of(one.pk) == stamps
        assert stamps_of(None).installation_stamp == stamps.installation_stamp
    assert stamps.contact_center_stamp == stamp_of(one)
    assert stamps.contact_center_enabled
    assert stamps_of(uuid.uuid4())[2:] == (None, False)


def test_what_the_bearer_statement_read_is_believed(one, as_root, django_assert_num_queries):
    with as_root(), django_assert_num_queries(0):
        remember_stamps(Stamps(1, 2, 3, True), one.pk)
        assert stamps_of(one.pk) == (1, 2, 3, True)
        assert stamps_of(None) == (1, 2, None, False)


def test_a_request_that_changed_a_stamp_reads_the_new_one(one, as_root):
    with as_root():
        before = stamps_of(one.pk)
        restamp(one.pk)
        assert stamps_of(one.pk).contact_center_stamp not in (None, before.contact_center_stamp)


def test_a_batch_replaces_a_stamp_at_its_first_change_and_at_its_end(one, django_assert_num_queries):
    seen = [stamp_of(one)]
    with transaction.atomic(), restamping_once():
        for _ in range(3):
            restamp(one.pk)
            seen.append(stamp_of(one))
    seen.append(stamp_of(one))
    assert len(set(seen)) == 3


def test_a_batch_without_a_change_replaces_no_stamp(one):
    before = stamp_of(one)
    with transaction.atomic(), restamping_once():
        object_save(ContactCenter.objects.get(pk=one.pk))
    assert stamp_of(one) == before


def test_a_new_epoch_is_recorded_without_its_number(db, as_root):
    before = Installation.objects.get()
    with as_root():
        installation_new_epoch(reason="keys were lost")
    after = Installation.objects.get()
    assert after.epoch != before.epoch
    change = Change.objects.get(object_type="installation")
    assert (change.after, change.reason) == ({"epoch": "changed"}, "keys were lost")


def test_only_the_installation_ends_everybodys_session(one, as_alice):
    with as_alice(), pytest.raises(Forbidden):
        installation_new_epoch()


def test_domains_go_with_their_contact_center(one):
    contact_center_delete(one)
    assert not Domain.objects.exists()
