"""What the polite server plays for a stage is recognised as that stage, and as no other: lint tells what is not."""

from __future__ import annotations

import pathlib

import pytest
from click.testing import CliRunner

from pollspec import spec
from pollspec.cli import main
from pollspec.document.lint import examine
from pollspec.document.source import parse
from pollspec.servers import rehearsal

FOLDER = pathlib.Path(__file__).parent / "documents"
KETTLE = (FOLDER / "kettle.yaml").read_text(encoding="utf-8")
PLAYED = {
    "cold": "{/degrees: 10}",
    "warm": "{/degrees: {ramp: [11, 99]}}",
    "boils": "{/degrees: 100}",
}


def told(text: str) -> list[str]:
    """What lint says of a document, without its places."""
    found = examine(parse(text, "kettle", "kettle.yaml"), further=[rehearsal.problems])
    return [problem.partition(": ")[2] for problem in found]


def kettle(**states: str) -> str:
    """The kettle's document, with other states of some stages, and what they play where that stands behind `plays`."""
    text = KETTLE
    for stage, state in states.items():
        shown, _, plays = state.partition(" plays ")
        old = f"states: {{getKettle: {stage}}}, plays: {{getKettle: {PLAYED[stage]}}}"
        assert old in text
        text = text.replace(old, f"states: {{getKettle: {shown}}}, plays: {{getKettle: {plays or PLAYED[stage]}}}")
    return text


@pytest.mark.parametrize(
    "states",
    [
        {"boils": "{where: {$response.body#/state: boils, $response.body#/degrees: 100}}"},
        {"boils": "{where: {$response.header.X-Boils: 'yes'}}"},
        {"boils": "{where: {$statusCode: 404}}"},
        {"boils": "{where: {$response.body#/state: null}}"},
        {"boils": "{where: {$response.body#/state: boils, $response.body#/degrees: false}} plays {}"},
        {"boils": "{absent: true}"},
        {"cold": "{status: 404}"},
        {"cold": "{where: {$request.path.name: blue}}"},  # nobody can tell by an answer alone
        {"warm": "{where: {$response.body#/state: warm, $response.body#/degrees: {minimum: 11, maximum: 99}}}"},
        {"boils": "[boils, warm]"},
        {"cold": "{where: {$response.body#/state: cold}}", "warm": "{where: {$response.body#/state: cold}}"},
        {"warm": "warm plays {/degrees: {ramp: [0, 100]}}", "boils": "{where: {$response.body#/degrees: 100}}"},
    ],
)
def test_recognised(states: dict[str, str]) -> None:
    """Whatever shows a stage is played; stages that are shown alike are one, and a ramp does not reach its end."""
    assert told(kettle(**states)) == []


@pytest.mark.parametrize(
    ("states", "problem"),
    [
        (
            {"cold": "cold plays {/state: warm}"},
            'getKettle plays 200 {"state":"warm","degrees":60} for cold, which is recognised as warm: '
            'its states want "cold" at /state: plays: {getKettle: {/state: "cold"}}',
        ),
        (
            {"warm": "{where: {$response.body#/state: warm, $response.body#/degrees: {minimum: 20}}}"},
            'getKettle plays 200 {"state":"warm","degrees":11} for warm, which is recognised as no stage '
            'of the lifecycle: its states want what satisfies {"minimum": 20} at /degrees: '
            "plays: {getKettle: {/degrees: ...}}",
        ),
        (
            {"boils": "{where: {$response.header.X-Boils: true}}"},
            'getKettle plays 200 {"state":"warm","degrees":100} for boils, which is recognised as warm: its states '
            "want something at $response.header.X-Boils: plays: {getKettle: {header: {X-Boils: ...}}}",
        ),
        (
            {
                "boils": "{where: {$response.body#/degrees: 100}}",
                "warm": "{where: {$response.body#/degrees: {minimum: 11}}}",
            },
            'getKettle plays 200 {"state":"warm","degrees":100} for boils, which is recognised as boils or warm: add '
            "to the states of warm a clause that this answer does not meet",
        ),
        (
            {"boils": "{where: {$response.body#/degrees: false}} plays {/degrees: 100}"},
            'getKettle plays 200 {"state":"warm","degrees":100} for boils, which is recognised as warm: its states '
            "want nothing at /degrees: plays: {getKettle: {/degrees: {absent: true}}}",
        ),
    ],
)
def test_not_recognised(states: dict[str, str], problem: str) -> None:
    """Lint tells what is played for a stage, what that is recognised as, and what to type."""
    assert told(kettle(**states)) == [problem]


def test_nothing_to_play() -> None:
    """Without an example there is nothing over which a stage is played."""
    problems = told(KETTLE.replace("warm: {value: {state: warm, degrees: 60}}", "").replace("examples:\n", "\n", 1))
    assert len(problems) == 3
    assert all("give the response of getKettle an example" in problem for problem in problems)


@pytest.mark.parametrize("name", [*spec.names(), *map(str, sorted(FOLDER.glob("*.yaml")))])
def test_the_documents_here(name: str) -> None:
    """Each stage of each document is played as it is recognised."""
    done = CliRunner().invoke(main, ["lint", name])
    assert (done.exit_code, done.output) == (0, "1 documents, 0 problems\n")
