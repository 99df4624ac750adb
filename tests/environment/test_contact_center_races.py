"""Writers of contact centers that meet: in turn, between another's reading and writing, and in real threads."""

import uuid

import pytest

from activity.models import Change
from environment.admin import contact_centers as admin_screen
from environment.models import ContactCenter, Domain
from environment.services import contact_center_create
from environment.views import contact_centers as views
from tests.admin_client import admin_of, filled
from tests.cast import at_once
from tests.environment.rest import refusal

THREADS, TURNS = 6, 4


def domains_of(center):
    return list(Domain.objects.filter(contact_center=center).values_list("name", flat=True))


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen once between a caller's reading of a contact center and its writing."""

    def arrange(module, happen):
        update, happened = module.contact_center_update, []

        def late(*args, **kwargs):
            if not happened:
                happened.append(True)
                happen()
            return update(*args, **kwargs)

        monkeypatch.setattr(module, "contact_center_update", late)
        return happened

    return arrange


@pytest.mark.parametrize("last", [["t100", "mine"], ["mine"], ["rivals"], []])
def test_the_last_put_of_domains_holds_and_the_log_tells_both(ops, t100, meanwhile, last):
    path = f"/contact-centers/{t100.pk}"
    happened = meanwhile(views, lambda: ops.done("PUT", path, {"domains": ["t100", "rivals"]}))
    assert ops.done("PUT", path, {"domains": last})["domains"] == last
    assert happened
    assert domains_of(t100) == last
    changes = Change.objects.filter(object_type="contact-centers", action="update").order_by("id")
    assert [(change.before["domains"], change.after["domains"]) for change in changes] == [
        (["t100", "one.example.com"], ["t100", "rivals"]),
        (["t100", "rivals"], last),
    ]


def test_a_put_of_the_domains_it_has_by_now_writes_nothing(ops, t100, meanwhile):
    path, sent = f"/contact-centers/{t100.pk}", {"domains": ["t100", "rivals"]}
    meanwhile(views, lambda: ops.done("PUT", path, sent))
    assert ops.done("PUT", path, sent)["domains"] == ["t100", "rivals"]
    assert Change.objects.filter(object_type="contact-centers", action="update").count() == 1


def test_the_admins_form_stores_its_domains_over_a_rivals(ops, root, t100, meanwhile):
    browser, url = admin_of(root), f"/admin/environment/contactcenter/{t100.pk}/change/"
    sent = filled(browser.get(url), domains="t100\nmine")
    happened = meanwhile(
        admin_screen, lambda: ops.done("PUT", f"/contact-centers/{t100.pk}", {"domains": ["t100", "rivals"]})
    )
    assert browser.post(url, sent).status_code == 302
    assert happened
    assert domains_of(t100) == ["t100", "mine"]


def test_the_admins_form_that_leaves_the_domains_alone_keeps_a_rivals(ops, root, t100, meanwhile):
    browser, url = admin_of(root), f"/admin/environment/contactcenter/{t100.pk}/change/"
    sent = filled(browser.get(url), name="Uno", domains="t100\none.example.com")
    happened = meanwhile(
        admin_screen, lambda: ops.done("PUT", f"/contact-centers/{t100.pk}", {"domains": ["t100", "rivals"]})
    )
    assert browser.post(url, sent).status_code == 302
    assert happened
    assert ContactCenter.objects.get().name == "Uno"
    assert domains_of(t100) == ["t100", "rivals"]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Real threads with real connections. Among rivals for one key exactly one gets it; the others hear which."""

    def raced(self, ops, calls, field):
        assert ops.get("/contact-centers") is not None  # the credential's proof is remembered
        told = at_once([lambda call=call: ops(*call) for call in calls])
        assert sorted(getattr(each, "status_code", each) for each in told) == [200] + [409] * (len(calls) - 1), told
        assert {refusal(each) for each in told if each.status_code == 409} == {(409, 18, field)}

    def test_of_puts_of_one_number(self, ops):
        for turn in range(TURNS):
            made = [contact_center_create(name="x", number=turn * THREADS + each + 1) for each in range(THREADS)]
            sent = {"number": 1000 + turn}
            self.raced(ops, [("PUT", f"/contact-centers/{each.pk}", sent) for each in made], "number")
            assert ContactCenter.objects.filter(number=1000 + turn).count() == 1

    def test_of_puts_of_one_domain(self, ops):
        for turn in range(TURNS):
            made = [contact_center_create(name="x", number=turn * THREADS + each + 1) for each in range(THREADS)]
            sent = {"name": "renamed", "domains": [f"d{turn}"]}
            self.raced(ops, [("PUT", f"/contact-centers/{each.pk}", sent) for each in made], "domains")
            assert ContactCenter.objects.filter(name="renamed", domains__name=f"d{turn}").count() == 1
            assert ContactCenter.objects.filter(name="renamed").count() == turn + 1

    @pytest.mark.parametrize("field", ["id", "number", "domains"])
    def test_of_posts_with_the_same(self, ops, field):
        for turn in range(TURNS):
            taken = {"id": str(uuid.uuid4()), "number": 2000 + turn, "domains": [f"d{turn}"]}[field]
            own = [{"name": "x", "number": turn * THREADS + each + 1} for each in range(THREADS)]
            self.raced(ops, [("POST", "/contact-centers", sent | {field: taken}) for sent in own], field)
            assert (ContactCenter.objects.count(), Domain.objects.count()) == (
                turn + 1,
                turn + 1 if field == "domains" else 0,
            )
