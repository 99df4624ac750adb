"""Provisioning files: parse, plan, apply; all or nothing, and twice is the same as once."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from activity.models import Change
from environment.models import Application, ContactCenter, Device, Installation, Option, Place
from environment.provision.applying import apply
from environment.provision.faults import Faults
from environment.provision.planning import plan_of
from environment.provision.reading import read
from environment.provision.schema import schema
from environment.provision.tree import plain, tree_of
from environment.services import option_plain

WHOLE = """\
devices:
  - {contact-center: t100, dn: 0701, switch: SIP_Switch, place: Place_1}
places:
  - contact-center: T100
    name: Place_1
applications:
  - name: Self_Service
    type: two-factor
    contact-center: "1"
    options:
      pulse/colour: red
      pulse/password: hunter2
contact-centers:
  - number: 1
    name: One
    domains: [t100, one]
    options:
      security-authentication-rules/password-no-repeats: 0
installation:
  options:
    pulse/speed: 1e3
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "file.yaml") -> Path:
        file = tmp_path / name
        file.write_text(text)
        return file

    return write


def provision(*paths: Path) -> None:
    apply(plan_of(read(paths)))


def told(faults) -> list[str]:
    return [str(fault).partition("/file.yaml:")[2] or str(fault) for fault in faults.value.faults]


def state():
    centers = list(ContactCenter.objects.values_list("config_stamp", flat=True))
    return Change.objects.count(), Installation.objects.get().config_stamp, centers, list(Option.objects.values())


@pytest.mark.django_db
def test_references_need_no_order_and_texts_stay_texts(write):
    provision(write(WHOLE))
    one = ContactCenter.objects.get()
    assert [domain.name for domain in one.domains.all()] == ["t100", "one"]
    assert Device.objects.get().dn == "0701"
    assert Device.objects.get().place == Place.objects.get(contact_center=one)
    assert Application.objects.get().contact_center == one
    values = {str(option): option_plain(option) for option in Option.objects.all()}
    assert values == {
        "pulse/colour": "red",
        "pulse/password": "hunter2",
        "pulse/speed": "1e3",
        "security-authentication-rules/password-no-repeats": "0",
    }


@pytest.mark.django_db
def test_the_same_file_again_changes_no_stamp_and_writes_no_row(write):
    file = write(WHOLE)
    provision(file)
    before = state()
    plan = plan_of(read([file]))
    apply(plan)
    assert plan.counts == {"same": 5}
    assert state() == before


@pytest.mark.django_db
def test_only_what_a_file_writes_is_changed(write):
    provision(write(WHOLE))
    Place.objects.update(enabled=False)
    plan = plan_of(
        read([write("contact-centers: [{number: 1, name: Uno}]\nplaces: [{contact-center: one, name: Place_1}]")])
    )
    assert [(step.label, [(diff.field, diff.shown) for diff in step.diffs]) for step in plan.todo] == [
        ("Uno", [("name", "One → Uno")])
    ]
    apply(plan)
    assert ContactCenter.objects.get().name == "Uno"
    assert ContactCenter.objects.get().domains.count() == 2


@pytest.mark.django_db
def test_an_empty_value_takes_an_option_and_a_place_away(write):
    provision(write(WHOLE))
    provision(
        write("""\
applications: [{name: Self_Service, options: {pulse/colour: }}]
devices:
  - {contact-center: t100, dn: 0701, switch: SIP_Switch, place: }
""")
    )
    assert not Option.objects.filter(name="colour").exists()
    assert Device.objects.get().place is None


@pytest.mark.django_db
def test_everything_wrong_is_named_at_once_with_line_and_path(write):
    with pytest.raises(Faults) as faults:
        provision(
            write("""\
places:
  - name: Place_1
  - contact-center: t100
    name: Place_2
    colour: red
contact-centers:
  - {name: One, number: x}
rolls: []
""")
        )
    assert [line.partition(": ")[::2][0] + " " + line.split(": ")[1] for line in told(faults)] == [
        "2 places[0].contact-center",
        "5 places[1].colour",
        "7 contact-centers[0].number",
        "8 rolls",
    ]


@pytest.mark.django_db
def test_references_that_lead_nowhere_are_named(write):
    with pytest.raises(Faults) as faults:
        provision(
            write("""\
contact-centers: [{name: One, number: 1, domains: [t100]}]
devices:
  - {contact-center: t100, dn: "1", switch: S, place: Nowhere}
""")
        )
    assert told(faults) == ["3: devices[0].place: no place Nowhere, in the files or in the database"]
    with pytest.raises(Faults, match="no such contact center"):
        provision(write("places: [{contact-center: t900, name: P}]"))


@pytest.mark.django_db
def test_an_object_stands_once(write):
    with pytest.raises(Faults, match="stands already in"):
        provision(write("contact-centers: [{name: One, number: 1}, {name: Uno, number: 1}]"))


@pytest.mark.django_db
def test_a_refused_option_is_named_with_its_line(write):
    with pytest.raises(Faults) as faults:
        provision(
            write("""\
contact-centers:
  - name: One
    options:
      settings/cors-origins: https://a.example.com
      security-authentication-rules/password-no-repeats: many
""")
        )
    assert told(faults) == [
        "5: contact-centers[0].options.security-authentication-rules/password-no-repeats: This is a whole number."
    ]


@pytest.mark.django_db
def test_what_only_the_services_see_stops_everything(write):
    text = """\
contact-centers:
  - {name: One, number: 1, domains: [same]}
  - {name: Two, number: 2, domains: [two]}
places:
  - contact-center: "2"
    name: {}
"""
    with pytest.raises(Faults) as faults:
        provision(write(text.replace("{}", "x" * 300)))
    assert told(faults)[0].startswith("6: places[0].name: ")
    assert not ContactCenter.objects.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("places: &a []\nroles: *a", "1: anchors and aliases"),
        ("places: !!python/object []", "1: tags"),
        ("installation: {options: {a/b: 1,\n a/b: 2}}", "2: 'a/b' stands here twice"),
        ("places: []\n---\nplaces: []", "second document"),
        ("places: [", "2: "),
        ("a: " + "[" * 40, "deeper than 32"),
        ("\t- x", "1: "),
        ("[]", "1: the file is a mapping"),
    ],
)
def test_yaml_is_read_without_its_surprises(write, text, words):
    with pytest.raises(Faults) as faults:
        read([write(text)])
    assert words in told(faults)[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"places": [],\n "places": []}', ":2: 'places' stands here twice"),
        ('{"places": [NaN]}', ":1: a value is wanted"),
        ('{"places": [\n{"name": "x\\u0000"}]}', ":2: a NUL"),
        ('{"places": [{"name": "\\ud800"}]}', "surrogate"),
        ('{"places": []} x', "more after the end"),
        ('{"places": [] "x": 1}', "',' is wanted"),
        ("", "a value is wanted"),
    ],
)
def test_json_is_read_strictly(write, text, words):
    with pytest.raises(Faults) as faults:
        read([write(text, "file.json")])
    assert words in str(faults.value)


_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
_values = st.recursive(
    st.none() | _texts, lambda inner: st.lists(inner) | st.dictionaries(_texts, inner), max_leaves=20
)


@settings(max_examples=50, deadline=None)
@given(_values)
def test_json_reads_what_the_standard_library_wrote(tmp_path_factory, value):
    file = tmp_path_factory.mktemp("json") / "file.json"
    for indent in (None, 2):
        file.write_text(json.dumps(value, indent=indent))
        assert plain(tree_of(file)) == value


def test_folders_are_read_by_name_without_hidden_files(tmp_path, write):
    write("places: []", "b.yaml")
    write("[", ".hidden.yaml")
    write("none of ours", "notes.txt")
    assert read([tmp_path]).entries == {}
    with pytest.raises(Faults, match="no such file"):
        read([tmp_path / "missing.yaml"])


@pytest.mark.django_db
def test_the_demo_is_taken_in_demo_mode_only(write, settings):
    file = write("demo: true\ncontact-centers: [{name: One, number: 1}]")
    with pytest.raises(Faults, match="DESKGATE_MODE=demo"):
        read([file])
    settings.DESKGATE_MODE = "demo"
    provision(file)
    assert ContactCenter.objects.get().made_by_demo


@pytest.mark.django_db
def test_a_trial_run_shows_the_plan_masks_secrets_and_writes_nothing(write, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("provision", write(WHOLE), "--dry-run", "--detailed-exitcode")
    output = capsys.readouterr().out
    assert ended.value.code == 2
    assert "+ contact-centers t100" in output
    assert "options pulse/colour: red" in output
    assert "hunter2" not in output
    assert "4 to add, 1 to change, 0 the same." in output
    assert not ContactCenter.objects.exists()
    assert not Option.objects.exists()


@pytest.mark.django_db
def test_the_command_asks_unless_told_yes(write, capsys):
    file = write(WHOLE)
    with pytest.raises(CommandError, match="--yes"):
        call_command("provision", file)
    call_command("provision", file, "--yes")
    assert ContactCenter.objects.exists()
    with pytest.raises(SystemExit) as ended:
        call_command("provision", file, "--dry-run", "--detailed-exitcode")
    assert ended.value.code == 0
    call_command("provision", file)


@pytest.mark.django_db
def test_errors_say_that_nothing_was_written(write):
    with pytest.raises(CommandError, match=r"file.yaml:1: rolls: unknown; known are .*\nNothing was written."):
        call_command("provision", write("rolls: []"))


def test_the_schema_knows_every_kind(capsys):
    call_command("provision", "--schema")
    published = json.loads(capsys.readouterr().out)
    assert published == json.loads(json.dumps(schema()))
    assert {"installation", "contact-centers", "applications", "places", "devices", "demo"} <= set(
        published["properties"]
    )
