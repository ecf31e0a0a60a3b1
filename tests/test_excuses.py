"""`despite` at an operation: a derived belief says which legal variation contradicts it, as a written one does."""

from __future__ import annotations

import pathlib
from dataclasses import replace

import pytest

from pollspec.document.lint import examine
from pollspec.document.loader import load, view
from pollspec.document.source import parse
from pollspec.document.vendor import Vendor
from pollspec.errors import DocumentError
from pollspec.proof.proof import Proof
from pollspec.proof.prove import Result, Task
from pollspec.reports import rows
from pollspec.reports.explain import explain
from pollspec.reports.report import FindingRow
from pollspec.trial.background import Background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.selection import Plan
from pollspec.trial.trial import Trial
from tests.conftest import verdicts

KETTLE = pathlib.Path(__file__).parent / "documents" / "kettle.yaml"
WHY = "a kettle that whistles is worth a look"


def saying(despite: str) -> str:
    """The kettle's document, whose operation says so of what is derived for it."""
    text = KETTLE.read_text(encoding="utf-8")
    return text.replace("        never-decreases:", f"        despite: {despite}\n        never-decreases:")


def known(despite: str) -> Vendor:
    """Its view."""
    return view(parse(saying(despite), "kettle", "kettle.yaml"))


def test_it_is_the_beliefs_own() -> None:
    """The belief says it as a written one would; no other belief has changed."""
    plain, found = load(str(KETTLE)), known(f"{{schema/Kettle.state: {{unheard-of-states: {WHY}}}}}")
    before, now = ({one.tail: one.says for one in vendor.beliefs} for vendor in (plain, found))
    assert now == before | {"schema/Kettle.state": {"despite": {"unheard-of-states": WHY}}}


def test_what_follows_from_the_whole_document() -> None:
    """A belief that follows from the document as a whole is named alike."""
    found = known(f"{{tells-apart/identifiers: {{slow: {WHY}}}}}")
    assert [one.says for one in found.beliefs if one.tail == "tells-apart/identifiers"] == [{"despite": {"slow": WHY}}]


@pytest.mark.parametrize(
    ("despite", "problem"),
    [
        (
            "{schema/Kettle.sate: {slow: why}}",
            "no belief 'schema/Kettle.sate' is derived for getKettle: did you mean \"schema/Kettle.state\"?",
        ),
        (
            "{only-when/boils: {slow: why}}",
            "only-when/boils is written, and not derived: its own despite is the place for this",
        ),
        ("{schema/Kettle.state: why}", 'schema/Kettle.state: "why" is not of type "object"'),
    ],
)
def test_lint(despite: str, problem: str) -> None:
    """A name of no derived belief is an error where it stands, with the one that may be meant."""
    source = parse(saying(despite), "kettle", "kettle.yaml")
    line = next(number for number, text in enumerate(saying(despite).splitlines(), 1) if "despite:" in text)
    assert examine(source) == [f"kettle.yaml:{line}: {problem}"]
    with pytest.raises(DocumentError, match=r"derived|type"):
        view(source)


def test_explain(tmp_path: pathlib.Path) -> None:
    """What a belief is worth in spite of a variation is explained, whether it is written or derived."""
    own = tmp_path / "kettle.yaml"
    own.write_text(saying(f"{{schema/Kettle.state: {{slow: {WHY}}}}}"), encoding="utf-8")
    assert f"\n    despite      slow: {WHY}\n" in explain("kettle/getKettle/schema/Kettle.state", str(own))
    assert "\n    despite " not in explain("kettle/getKettle/schema/Kettle.degrees", str(own))
    assert "\n    despite      every-state: " in explain(
        "ibm_qradar/getApplicationCreationTask/only-when/reason-of-an-error"
    )


def test_a_finding_tells_it() -> None:
    """Whoever reads a finding sees which legal variation may be behind it; a row without a finding shows nothing."""
    found = known(f"{{schema/Kettle.state: {{slow: {WHY}}}}}")
    ledger = Trial(found, lambda: reach(Background(found), Destination()), Plan(examples=4), found.beliefs)
    told = {row.id: row for row in (rows.row(ledger, one, "pollspec") for one in verdicts(ledger).values())}
    row = told["kettle/getKettle/schema/Kettle.state"]
    assert row.despite == (f"slow: {WHY}",) and not told["kettle/getKettle/schema/Kettle.degrees"].despite
    finding = FindingRow("warm", "hot", "request 1", "GET /", "200", "curl")
    assert ("despite", f"slow: {WHY}") in replace(row, findings=(finding,), count=1).evidence
    assert "despite" not in dict(row.evidence)


def test_a_variation_that_there_is_not(tmp_path: pathlib.Path) -> None:
    """`prove` says which variation may be meant."""
    own = tmp_path / "kettle.yaml"
    own.write_text(saying("{schema/Kettle.state: {slowly: why}}"), encoding="utf-8")
    proof = Proof((Result(Task("variation", str(own), "slow")),))
    told = [str(failure) for failure in proof.failures() if "no fault" not in str(failure)]
    assert told == [f"{own}: belief kettle/getKettle/schema/Kettle.state: despite 'slowly': did you mean \"slow\"?"]
