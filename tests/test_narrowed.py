"""`when` and `unless` narrow a belief, each one condition or several of which one holds; a header is read as meant."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any

import pytest

from pollspec.document import loader
from pollspec.document.lint import problems
from pollspec.document.source import parse
from pollspec.document.vendor import Vendor
from pollspec.errors import DocumentError
from pollspec.judge.verdict import Outcome
from pollspec.servers import faults
from pollspec.servers.faults.fault import Scene
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.selection import Plan
from pollspec.trial.trial import Trial
from tests.composed import KETTLE
from tests.conftest import verdicts
from tests.exchanges import Talk

TEXT = pathlib.Path(KETTLE).read_text(encoding="utf-8")
ONLY_WHEN = "when: {$response.body#/state: boils}, then: {$response.body#/degrees: 100}"
BOILS = "getKettle/only-when/boils"
ANSWER = "          description: The kettle.\n"
KEPT, DEVIATES, UNTRIED = Outcome.KEPT, Outcome.DEVIATES, Outcome.NOT_TRIED


def kettle(old: str = "", new: str = "") -> Vendor:
    """The kettle, with one thing said otherwise."""
    assert old in TEXT
    return loader.view(parse(TEXT.replace(old, new, 1), "kettle", KETTLE))


def shows(vendor: Vendor, body: Any, headers: Mapping[str, str] | None = None) -> Talk:
    """A talk in which a kettle shows something."""
    talk = Talk(vendor)
    talk.say("getKettle", body, headers=headers)
    return talk


@pytest.mark.parametrize(
    ("says", "state", "degrees", "outcome"),
    [
        ("when: {$response.body#/state: boils}, unless: {$response.body#/degrees: 98}", "boils", 98, UNTRIED),
        ("when: {$response.body#/state: boils}, unless: {$response.body#/degrees: 98}", "boils", 97, DEVIATES),
        ("when: {$response.body#/state: boils}, unless: [{$response.body#/degrees: 1}, {$statusCode: 200}]",
         "boils", 97, UNTRIED),
        ("when: [{$response.body#/state: boils}, {$response.body#/state: warm}]", "warm", 97, DEVIATES),
        ("when: [{$response.body#/state: boils}, {$response.body#/state: warm}]", "cold", 97, UNTRIED),
    ],
)  # fmt: skip
def test_only_when(says: str, state: str, degrees: int, outcome: Outcome) -> None:
    """An answer that no `when` meets, or that an `unless` meets, is none that the belief speaks of."""
    vendor = kettle(ONLY_WHEN, f"{says}, then: {{$response.body#/degrees: 100}}")
    assert shows(vendor, {"state": state, "degrees": degrees}).outcome(BOILS) is outcome


@pytest.mark.parametrize(
    ("keyword", "own", "bad"),
    [
        ("at-most", "value: $response.body#/degrees, limit: $response.body#/most", {"degrees": 2, "most": 1}),
        ("echoes", "value: $response.body#/name, of: $request.path.name", {"name": "blue"}),
        ("counts", "items: $response.body#/cups, at-most: $response.body#/most", {"cups": [{}], "most": 0}),
        ("distinct", "items: $response.body#/cups, by: /id", {"cups": [{"id": 1}, {"id": 1}]}),
    ],
)
def test_each_that_is_narrowed(keyword: str, own: str, bad: Mapping[str, Any]) -> None:
    """Whatever is held of one answer is held of those alone that `when` and `unless` leave."""
    warm, boils = "{$response.body#/state: warm}", "{$response.body#/state: boils}"
    narrow = f"when: [{warm}, {boils}], unless: {boils}"
    belief = f"        {keyword}: {{one: {{claim: So it is., implied: so, {narrow}, {own}}}}}\n        only-when:\n"
    vendor = kettle("        only-when:\n", belief)
    for state, outcome in (("cold", UNTRIED), ("warm", DEVIATES), ("boils", UNTRIED)):
        assert shows(vendor, {"state": state, **bad}).outcome(f"getKettle/{keyword}/one") is outcome


@pytest.mark.parametrize(
    ("schema", "text", "outcome"),
    [
        ("{type: integer, minimum: 1}", "2", KEPT),
        ("{type: integer, minimum: 1}", "0", DEVIATES),
        ("{type: integer}", "soon", DEVIATES),
        ("{type: boolean}", "true", KEPT),
        ("{type: string, pattern: ^a}", "12", DEVIATES),
    ],
)
def test_a_header_is_read_as_its_type(schema: str, text: str, outcome: Outcome) -> None:
    """The text of a header satisfies its schema where it spells a value that does."""
    vendor = kettle(ANSWER, f"{ANSWER}          headers: {{Retry-After: {{schema: {schema}}}}}\n")
    talk = shows(vendor, {"state": "warm"}, {"Retry-After": text})
    assert talk.outcome("getKettle/header/200.Retry-After") is outcome


def test_a_header_that_may_be_anything_is_no_belief() -> None:
    """A header that may be missing, and whose schema every text satisfies, can be wrong in no way."""
    vendor = kettle(ANSWER, f"{ANSWER}          headers: {{X-Note: {{schema: {{type: string}}}}}}\n")
    assert not [belief for belief in vendor.beliefs if belief.keyword == "header"]


@pytest.mark.parametrize(
    ("clause", "text", "holds"),
    [
        ("2", "2", True), ("[1, 2]", "2", True), ("{minimum: 3}", "2", False), ("{type: integer}", "2", True),
        ("{pattern: ^a}", "2", False), ("{not: {const: '2'}}", "2", False), ("'2'", "2", True), ("true", "2", True),
    ],
)  # fmt: skip
def test_a_text_in_a_condition(clause: str, text: str, holds: bool) -> None:
    """A clause that speaks of numbers reads a header as one; a clause that speaks of texts does not."""
    then = f"then: {{$response.header.Retry-After: {clause}}}"
    vendor = kettle(ONLY_WHEN, f"when: {{$statusCode: 200}}, {then}")
    talk = shows(vendor, {"state": "warm"}, {"Retry-After": text})
    assert talk.outcome(BOILS) is (KEPT if holds else DEVIATES)


def test_numbers_in_played_headers() -> None:
    """The polite server plays numbers and ramps in headers, and keeps every belief with them."""
    text = TEXT.replace(
        ANSWER, f"{ANSWER}          headers: {{Retry-After: {{required: true, schema: {{type: integer}}}}}}\n"
    )
    for stage in ("/degrees: 10", "/degrees: {ramp: [11, 99]}", "/degrees: 100"):
        text = text.replace(f"{{{stage}}}", f"{{{stage}, header: {{Retry-After: 2}}}}")
    vendor = loader.view(parse(text, "kettle", KETTLE))
    trial = Trial(vendor, lambda: reach(Background(vendor), Destination()), Plan(examples=8), vendor.beliefs)
    assert {verdict.outcome for verdict in verdicts(trial).values()} == {KEPT}
    assert trial.target.exchanges


def test_true_is_not_one() -> None:
    """A server that sends true for 1 does something else than the polite one, and is caught."""
    text = TEXT.replace("integer, minimum: 0, maximum: 100", "integer, minimum: 0, maximum: 1")
    text = text.replace("degrees: 60", "degrees: 1").replace("ramp: [11, 99]", "ramp: [1, 1]")
    vendor = loader.view(parse(text.replace("100", "1").replace("/degrees: 10}", "/degrees: 1}"), "kettle", KETTLE))
    fault = faults.find(vendor, "mistypes-the-field:getKettle/schema/Kettle.degrees:boolean")
    talk = shows(vendor, {"state": "warm", "degrees": 1})
    at = talk.exchanges[0]
    assert fault.act is not None and at.answer is not None
    scene = Scene(vendor, at.request, at.answer, [])
    told = fault.act(scene)
    assert told is not None and json.loads(told.content)["degrees"] is True


def test_what_is_polled_changes_nothing(tmp_path: pathlib.Path) -> None:
    """An operation that is polled is a safe method: lint says so, and no verb reads the document."""
    path = tmp_path / "kettle.yaml"
    path.write_text(TEXT.replace("    get:\n", "    post:\n"), encoding="utf-8")
    problem = "getKettle is a POST, and what is polled must change nothing"
    assert [found.partition(": ")[2] for found in problems(str(path))] == [problem]
    with pytest.raises(DocumentError, match=problem):
        loader.load(str(path))


def test_nobody_without_credentials(tmp_path: pathlib.Path) -> None:
    """A belief of who asks says what to add, where the document names no credential."""
    path = tmp_path / "kettle.yaml"
    belief = "{claim: No., implied: so, credential: none, expect: {$statusCode: 401}, plays: {status: 401}}"
    path.write_text(TEXT.replace("        answers:\n", f"        refuses: {{nobody: {belief}}}\n        answers:\n"))
    assert [found for found in problems(str(path)) if "add credentials: {default: {" in found]
