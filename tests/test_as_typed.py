"""What a user types that would be judged otherwise than he means, or not at all: lint says so, where it stands."""

from __future__ import annotations

import pathlib

import pytest

from pollspec.document.lint import examine
from pollspec.document.source import parse
from pollspec.judge.verdict import Outcome
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.selection import Plan
from pollspec.trial.trial import Trial
from tests.conftest import verdicts, view

FOLDER = pathlib.Path(__file__).parent / "documents"
KETTLE, LAMP = ((FOLDER / f"{name}.yaml").read_text(encoding="utf-8") for name in ("kettle", "lamp"))
STATE, DEGREES = "state: $response.body#/state", "value: $response.body#/degrees"
WHEN = "when: {$response.body#/state: boils}"


def told(text: str, old: str, new: str) -> list[str]:
    """What lint says of a document in which something is typed otherwise, without its places."""
    assert old in text
    return [problem.partition(": ")[2] for problem in examine(parse(text.replace(old, new), "own", "own.yaml"))]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    get:\n", "    post:\n", "getKettle is a POST, and what is polled must change nothing"),
        (
            STATE,
            "state: $response.body#/stat",
            "$response.body#/stat: no schema declares 'stat': did you mean \"state\"?",
        ),
        (
            DEGREES,
            "value: $response.body#/degree",
            "$response.body#/degree: no schema declares 'degree': did you mean \"degrees\"?",
        ),
        (
            "instance: $request.path.name,",
            "instance: $request.path.nam,",
            '$request.path.nam is no parameter of getKettle: did you mean "$request.path.name"?',
        ),
        (
            "{getKettle: boils}",
            "{getKettle: {where: {$response.body#/stat: boils}}}",
            "$response.body#/stat: no schema declares 'stat': did you mean \"state\"?",
        ),
        (
            "{getKettle: {/degrees: 100}}",
            "{getKettle: {/degree: 100}}",
            "$response.body#/degree: no schema declares 'degree': did you mean \"degrees\"?",
        ),
        ("/kettles/{name}:", "/kettles/{name}/{lid}:", "the path's {lid} is no parameter"),
        (WHEN, f"or: [], {WHEN}", "'or' has no place here"),
        (DEGREES, f"when: {{}}, {DEGREES}", "'when' has no place here"),
    ],
)
def test_misspelt(old: str, new: str, problem: str) -> None:
    """What leads to nothing, or has no place, is an error, with what may be meant."""
    assert told(KETTLE, old, new) == [problem]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (WHEN, f"{WHEN}, unless: {{$response.body#/degrees: false}}"),
        (WHEN, "when: [{$response.body#/state: boils}, {$response.body#/degrees: 100}]"),
        ("{getKettle: {/degrees: 100}}", "{getKettle: {/degrees: 100, /whistles: yes, header: {X-Steam: true}}}"),
    ],
)
def test_well_typed(old: str, new: str) -> None:
    """What is judged, or played, as it says is no error: a list under `when`, `unless`, a field that is nobody's."""
    assert told(KETTLE, old, new) == []


def test_true() -> None:
    """`true` says that something is there: of a property that is true or false, that may not be what is meant."""
    says = "$response.body#/on: true says that it is there; its value is {const: true}, either value {type: boolean}"
    const = "{$response.body#/on: {const: true}}"
    assert told(LAMP, const, "{$response.body#/on: true}") == [says]
    for legal in (
        "{$response.body#/on: {type: boolean}}",
        "{$response.body#/on: false}",
        "{$response.body#/name: true}",
    ):
        assert told(LAMP, const, legal) == []


def test_a_header_is_read_as_its_type(tmp_path: pathlib.Path) -> None:
    """A number or a boolean that a header plays is written as in JSON, and is read so."""
    kinds = {"Retry-After": "integer", "X-Boils": "boolean"}
    headers = ", ".join(f"{name}: {{required: true, schema: {{type: {kind}}}}}" for name, kind in kinds.items())
    text = KETTLE.replace("description: The kettle.", f"description: The kettle.\n          headers: {{{headers}}}")
    text = text.replace(f"{STATE}}}", f"{STATE}, plays: {{header: {{Retry-After: 2, X-Boils: false}}}}}}")
    own = tmp_path / "kettle.yaml"
    own.write_text(text, encoding="utf-8")
    vendor = view(str(own))
    trial = Trial(vendor, lambda: reach(Background(vendor), Destination()), Plan(examples=8), vendor.beliefs)
    found = {one.belief.tail: one.outcome for one in verdicts(trial).values() if "header/" in one.belief.tail}
    assert found == {"header/200.Retry-After": Outcome.KEPT, "header/200.X-Boils": Outcome.KEPT}
