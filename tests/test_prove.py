"""`pollspec prove`: what fails it, and what it writes."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner

from pollspec.cli import main
from pollspec.proof import matrix, proving
from pollspec.proof.causes import lines
from pollspec.proof.proof import Proof, misses
from pollspec.proof.prove import Result, Task, run, tasks
from pollspec.servers.faults import derive
from tests.conftest import SIXTH, view

SERVERS = str(pathlib.Path(__file__).parent / "servers")
FAULTS = [
    Result(Task("fault", SIXTH, fault.id), guard=fault.belief.id, objected=(fault.belief.id,))
    for fault in derive(view(SIXTH))
]
VARIED = Result(Task("variation", SIXTH, "slow"))
MISDEED = Result(Task("misdeed", "keycard", "id-missing"), objected=("keycard/getTask/schema/Task.id",))


def failures(*more: Result, understood: dict[str, dict[str, str]] | None = None) -> list[str]:
    """What is not proved by results that are sound but for some."""
    return list(map(str, Proof((*FAULTS, *more), understood or {}).failures()))


def test_sound() -> None:
    """Faults caught, variations let pass and misdeeds caught are a proof."""
    assert failures(VARIED) == []
    assert MISDEED.holds


def test_a_missed_fault() -> None:
    """A fault that another belief catches, not the one it breaks, is missed."""
    missed = replace(FAULTS[0], objected=("another/belief",))
    assert failures(missed) == [f"{SIXTH}: fault {missed.task.name}: {missed.guard} did not object"]


def test_a_belief_without_a_fault() -> None:
    """A belief that no fault proves is named."""
    guard = FAULTS[0].guard
    told = list(Proof(tuple(result for result in FAULTS if result.guard != guard)).failures())
    assert list(map(str, told)) == [f"{SIXTH}: belief {guard}: no fault proves that it can object"]


def test_slander() -> None:
    """A variation that raises a finding fails the proof, unless the belief names it."""
    slandered = replace(VARIED, objected=("a/b/c/d",))
    assert failures(slandered) == [f"{SIXTH}: variation slow: objected: a/b/c/d"]
    assert failures(replace(slandered, excused={"a/b/c/d": "because"})) == []


def causes(*more: Result) -> list[str]:
    """The same as `prove` prints it, a cause a line."""
    return list(lines(Proof((*FAULTS, *more)).failures()))


def varied(name: str, *objected: str, applies: bool = True) -> Result:
    """A variation that some beliefs object to."""
    return replace(VARIED, task=replace(VARIED.task, name=name), objected=objected, applies=applies)


def test_one_cause_is_told_once() -> None:
    """What many runs have in common is told once, with how many and which; what is one's own stays with it."""
    assert causes(varied("slow", "a", "b"), varied("zipped", "a"), varied("pretty", "c")) == [
        f"{SIXTH}: variation slow: objected: b",
        f"{SIXTH}: 2 variations: objected: a\n    slow, zipped",
        f"{SIXTH}: variation pretty: objected: c",
    ]


def test_the_polite_server_itself() -> None:
    """Where a variation changed nothing, it is the polite server that is objected to."""
    told = causes(varied("slow", "a"), varied("zipped", "a", applies=False))
    assert told == [f"{SIXTH}: 2 variations: objected: a (and to the polite server as it is)\n    slow, zipped"]


def test_faults_without_an_occasion() -> None:
    """Faults that are missed because nothing was asked are one cause; of those that are not, the belief is."""
    idle = [replace(one, objected=(), idle="getLamp shows nothing of it: a subject") for one in FAULTS[:2]]
    names = ", ".join(one.task.name for one in idle)
    missed = replace(FAULTS[2], objected=())
    told = list(lines(Proof((*idle, missed, *FAULTS)).failures()))
    assert [" ".join(line.split()) for line in told] == [
        f"{SIXTH}: 2 faults: getLamp shows nothing of it: a subject {names}",
        f"{SIXTH}: fault {missed.task.name}: {missed.guard} did not object",
    ]


def test_an_error_of_our_own() -> None:
    """A run that could not be judged proves nothing."""
    assert failures(replace(VARIED, failed="an error of pollspec's own")) == [
        f"{SIXTH}: variation slow: an error of pollspec's own"
    ]


def test_misses() -> None:
    """A missed misdeed needs a reason, and a reason needs a missed misdeed."""
    missed = Result(Task("misdeed", SIXTH, "lies"))
    assert failures(missed) == [f"{SIXTH}: misdeed lies: is missed, and nobody says why"]
    assert failures(missed, understood={SIXTH: {"lies": "the page is silent"}}) == []
    caught = replace(missed, objected=("a/b/c/d",))
    assert failures(caught, understood={SIXTH: {"lies": "x"}}) == [
        f"{SIXTH}: misdeed lies: is caught; take it off the list of misses"
    ]


def test_second_reading() -> None:
    """The second-reading servers take part: at least 60 misdeeds, each quoting a sentence; misses are explained."""
    wanted = [task for task in tasks(["keycard", "rocket_chat"], SERVERS, 1) if task.kind in {"server", "misdeed"}]
    assert len(wanted) > 60
    assert run(next(task for task in wanted if task.kind == "server")).holds
    assert set(misses(SERVERS)) <= {"ibm_qradar", "keycard", "logpresso_sonar", "netapp_ontap", "rocket_chat"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results that are there already, for what is done with them."""

    def results(*_: object) -> Iterator[Result]:
        yield from (*FAULTS, VARIED)

    monkeypatch.setattr(proving, "results", results)


@pytest.mark.usefixtures("quick")
def test_pages(tmp_path: pathlib.Path) -> None:
    """The matrix and the numbers are written, and --check tells whether they still are so."""
    readme, page = tmp_path / "README.md", tmp_path / "docs" / "matrix.md"
    readme.write_text(f"before\n{matrix.BEGIN}\nold\n{matrix.END}\nafter\n", encoding="utf-8")
    words = ["prove", SIXTH, "--page", str(page), "--readme", str(readme)]
    differs = CliRunner().invoke(main, [*words, "--check"])
    assert differs.exit_code == 1
    assert f"{page} is not as generated" in differs.output
    assert CliRunner().invoke(main, words).exit_code == 0
    assert CliRunner().invoke(main, [*words, "--check"]).exit_code == 0
    assert "| all |" in readme.read_text(encoding="utf-8")
    assert readme.read_text(encoding="utf-8").endswith("\nafter\n")
    assert FAULTS[0].task.name in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("quick")
def test_a_page_without_marks(tmp_path: pathlib.Path) -> None:
    """A README without the marks is told where they belong."""
    readme = tmp_path / "README.md"
    readme.write_text("nothing\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["prove", SIXTH, "--readme", str(readme)])
    assert done.exit_code == 2
    assert "put the two marks where the numbers belong" in done.output
