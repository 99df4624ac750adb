"""``manage.py strategy``, and strategies in provisioning files."""

from __future__ import annotations

import io
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from activity.models import Change
from environment.demo import demo_remove
from environment.models import Application, ContactCenter
from environment.provision.faults import Faults
from environment.provision.planning import Plan
from history.management.commands.strategy import Command
from history.models import Strategy, StrategyVersion
from history.selectors.strategies import published_url
from history.services.strategies import strategy_update
from history.services.strategy_versions import scxml_plain, strategy_deploy, strategy_regenerate
from tests.history.strategy_cast import PAIR, a_strategy, strategy_pair_matches, web_engagement
from tests.history.test_workflow import FILE

Provision = Callable[[str], Plan]
SERVER = "Web_Engagement_Server"
OF = ("--application", SERVER)


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("strategy", *words, stdout=out, stderr=out)
    return out.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as error:
        run(*words)
    return str(error.value)


def test_the_procedure_from_a_shell(t100: ContactCenter, tmp_path: Path, capsysbinary: Any) -> None:
    strategy = a_strategy(t100)
    assert "draft" in run("list")
    assert "Nothing was generated yet." in refused("deploy", "default", *OF)
    assert run("regenerate", "default", *OF, "--reason", "pair") == "Version 1 was generated and validated.\n"
    assert "validated" in run("list")
    assert run("deploy", "default", *OF) == f"Version 1 is deployed: {published_url(strategy)}\n"
    strategy_update(strategy, pages_at_least=4)
    assert "properties changed since the deployed version" in run("list", *OF)
    run("regenerate", "default", *OF)
    run("deploy", "default", *OF, "--version", "2")
    run("deploy", "default", *OF, "--version", "1", "--reason", "back")
    row = Strategy.objects.get()
    assert row.deployed
    assert row.deployed.number == 1
    assert Change.objects.first().reason == "back"  # type: ignore[union-attr]
    file = tmp_path / "made.scxml"
    run("download", "default", *OF, "--file", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"'{PAIR[1]}'" in file.read_text()
    assert run("validate", "--file", str(file)) == "No problems.\n"
    run("download", "default", *OF, "--version", "2")
    assert b'id="pagesAtLeast" expr="4"' in capsysbinary.readouterr().out


def test_a_workflow_goes_in_and_comes_out(t100: ContactCenter, tmp_path: Path) -> None:
    a_strategy(t100)
    assert "No default.workflow" in refused("download", "default", *OF, "--workflow")
    source, made = tmp_path / "default.workflow", tmp_path / "new.workflow"
    source.write_text(FILE)
    told = run("upload", "default", *OF, "--file", str(source))
    assert told == "The file was kept: 4 Entry variables.\nMapped: user: restUser, password: restPassword.\n"
    made.write_text("older")
    made.chmod(0o644)
    run("download", "default", *OF, "--workflow", "--file", str(made))
    assert f"'{PAIR[1]}'" in made.read_text()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    words = ("upload", "default", *OF, "--file", str(source), "--user-variable", "x")
    assert refused(*words) == "--user-variable: The Entry block has no variable of this name."
    source.write_text("<a/>")
    assert refused("upload", "default", *OF, "--file", str(source)).startswith("--file: The root of the file")


def test_what_is_wrong_is_said_in_the_words_typed(t100: ContactCenter, tmp_path: Path) -> None:
    a_strategy(t100)
    assert "There is no strategy x" in refused("regenerate", "x", *OF)
    assert "There is no strategy default of the application x" in refused("deploy", "default", "--application", "x")
    run("regenerate", "default", *OF)
    assert "no such version" in refused("deploy", "default", *OF, "--version", "7")
    assert refused("validate", "--file", str(tmp_path / "none")) == "--file: No such file or directory."
    broken = tmp_path / "broken.scxml"
    broken.write_text("<scxml/>")
    assert refused("validate", "--file", str(broken)) == "1 problems."
    assert "--file" in refused("download", "default", *OF, "--file", str(tmp_path / "no" / "where"))


STRATEGY = f"""
strategies:
  - application: {SERVER}
    user: apiuserid
    password: nimbus-ladle-77
    base-url: https://gwe.example.com/server/data
    pages-at-least: 3
    events-at-least: 1
    deploy: true
"""
WHOLE = f"""
contact-centers: [{{name: New, number: 900, domains: [t900]}}]
applications: [{{name: {SERVER}, type: web-engagement-server, contact-center: t900}}]
{STRATEGY}"""


@pytest.mark.django_db
def test_a_file_makes_and_deploys_a_strategy_and_the_same_file_again_nothing(provision: Provision) -> None:
    assert provision(WHOLE).counts["add"] == 3
    strategy = Strategy.objects.get()
    assert strategy_pair_matches(strategy, user=PAIR[0], password=PAIR[1])
    assert (strategy.pages_at_least, strategy.deployed and strategy.deployed.number) == (3, 1)
    assert not provision(WHOLE).todo
    assert StrategyVersion.objects.count() == 1


def test_a_changed_file_regenerates_and_deploys(t100: ContactCenter, provision: Provision) -> None:
    web_engagement(t100)
    provision(STRATEGY)
    changed = STRATEGY.replace("pages-at-least: 3", "pages-at-least: 4")
    (step,) = provision(changed).todo
    assert [(diff.field, diff.shown) for diff in step.diffs] == [("pages_at_least", "3 → 4")]
    strategy = Strategy.objects.get()
    assert strategy.deployed
    assert (strategy.deployed.number, strategy.pages_at_least) == (2, 4)
    assert strategy_pair_matches(strategy, user=PAIR[0], password=PAIR[1])


def test_what_was_changed_by_hand_is_deployed_as_the_file_says(t100: ContactCenter, provision: Provision) -> None:
    web_engagement(t100)
    provision(STRATEGY)
    strategy = Strategy.objects.get()
    strategy_update(strategy, password="another-word-1")
    (step,) = provision(STRATEGY).todo
    assert [diff.field for diff in step.diffs] == ["password", "deploy"]
    assert strategy_pair_matches(Strategy.objects.get(), user=PAIR[0], password=PAIR[1])
    assert not provision(STRATEGY).todo
    strategy.refresh_from_db()
    assert strategy.deployed
    assert strategy.deployed.number == 2


def test_another_password_in_the_file_is_planned_masked_stored_and_deployed(
    t100: ContactCenter, provision: Provision
) -> None:
    web_engagement(t100)
    provision(STRATEGY)
    changed = STRATEGY.replace("nimbus-ladle-77", "another-word-1")
    (step,) = provision(changed).todo
    assert [(diff.field, diff.shown) for diff in step.diffs] == [("password", "•••• → ••••")]
    strategy = Strategy.objects.get()
    assert strategy_pair_matches(strategy, user=PAIR[0], password="another-word-1")
    assert strategy.deployed
    assert strategy.deployed.number == 2
    assert "'another-word-1'" in scxml_plain(strategy.deployed)
    assert not provision(changed).todo
    assert not provision(changed.replace("    password: another-word-1\n", "")).todo
    Strategy.objects.update(password="broken")
    (step,) = provision(changed).todo
    assert [diff.field for diff in step.diffs] == ["password"]
    assert not provision(changed).todo


def test_the_help_names_each_verb() -> None:
    parser = Command().create_parser("manage.py", "strategy")
    (verbs,) = (each for each in parser._actions if each.dest == "verb")
    assert verbs.choices
    assert sorted(str(verbs.metavar).split("|")) == sorted(verbs.choices)


def test_without_deploy_a_strategy_stays_a_draft(t100: ContactCenter, provision: Provision) -> None:
    web_engagement(t100)
    provision(STRATEGY.replace("deploy: true", "deploy: false"))
    assert not StrategyVersion.objects.exists()
    strategy = Strategy.objects.get()
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    assert not provision(STRATEGY.replace("    deploy: true\n", "")).todo


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STRATEGY, "strategies[0].application: no application Web_Engagement_Server"),
        (
            WHOLE.replace("web-engagement-server", "other"),
            "strategies[0].application: This is no Web Engagement Server",
        ),
        (WHOLE.replace(", contact-center: t900", ""), "strategies[0].application: This application belongs to no"),
        (WHOLE.replace("    password: nimbus-ladle-77\n", ""), "strategies[0].password: A user needs a password"),
        (WHOLE.replace("https://gwe", "ftp://gwe"), "strategies[0].base-url: This begins with http"),
        (WHOLE.replace("pages-at-least: 3", "pages-at-least: -3"), "strategies[0].pages-at-least"),
        (WHOLE.replace("nimbus-ladle-77", '"a\\tb"'), "strategies[0].password: Use no control characters"),
    ],
)
@pytest.mark.django_db
def test_a_fault_names_its_place_and_writes_nothing(provision: Provision, text: str, words: str) -> None:
    with pytest.raises(Faults) as faults:
        provision(text)
    assert words in str(faults.value)
    assert "nimbus" not in str(faults.value)
    assert not Strategy.objects.exists()


@pytest.mark.django_db
def test_what_the_demo_made_is_taken_away_with_it(provision: Provision) -> None:
    provision(WHOLE)
    for model in (Application, ContactCenter, Strategy):
        model.objects.update(made_by_demo=True)
    demo_remove()
    assert not Strategy.objects.exists()
    assert not StrategyVersion.objects.exists()
