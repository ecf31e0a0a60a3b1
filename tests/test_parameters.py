"""What a request must have is sent, as OpenAPI writes it; and what nothing asks for has its faults as well."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from pollspec.document.loader import load
from pollspec.document.operations import Parameter
from pollspec.errors import DocumentError
from pollspec.judge.verdict import Outcome
from pollspec.proof.prove import Task, run, tasks
from pollspec.trial.destination import polite
from pollspec.trial.selection import Plan
from pollspec.trial.trial import Trial
from tests.conftest import SIXTH, verdicts

KETTLE = pathlib.Path(SIXTH).with_name("kettle.yaml")
NAME = "        - {name: name, in: path, required: true, schema: {type: string}, example: red}\n"
MORE = """\
        - {name: X-Api-Version, in: header, required: true, schema: {type: string}, example: "2024-01"}
        - {name: tags, in: query, required: true, schema: {type: array, items: {type: string}}, example: [a, b]}
        - {name: sizes, in: query, required: true, explode: false, schema: {type: array}, example: [1, 2]}
        - {name: deep, in: query, required: true, schema: {type: boolean}, example: true}
        - {name: brief, in: query, schema: {type: boolean}}
"""
SENT = "/kettles/red?tags=a&tags=b&sizes=1%2C2&deep=true"
MISSING = '        "404":\n          description: No such kettle.\n'
UNASKED = """\
        "429": {$ref: "#/components/responses/Trouble"}
        5XX:
          description: It is broken.
          content: {application/json: {schema: {type: object}, example: {oops: 1}}}
        default:
          description: Something else.
          headers: {X-Left: {required: true, schema: {type: integer}, example: 3}}
          content: {application/json: {schema: {type: object}, example: {oops: 2}}}
"""
TROUBLE = """\
components:
  responses:
    Trouble:
      description: Too often.
      headers: {X-Left: {schema: {type: integer}, example: 0}}
      content:
        application/json:
          schema: {type: object, required: [left], properties: {left: {type: integer}}}
          example: {left: 0}
"""


@pytest.mark.parametrize(
    ("place", "style", "explode", "value", "carried"),
    [
        ("query", "", None, True, [("p", "true")]),
        ("query", "", None, 2.5, [("p", "2.5")]),
        ("query", "", None, "a b", [("p", "a b")]),
        ("query", "", None, ["a", 1], [("p", "a"), ("p", "1")]),
        ("query", "form", False, ["a", 1], [("p", "a,1")]),
        ("query", "pipeDelimited", None, ["a", "b"], [("p", "a|b")]),
        ("query", "spaceDelimited", False, ["a", "b"], [("p", "a b")]),
        ("query", "", None, {"r": 1, "g": 2}, [("r", "1"), ("g", "2")]),
        ("query", "form", False, {"r": 1, "g": 2}, [("p", "r,1,g,2")]),
        ("query", "deepObject", True, {"r": 1}, [("p[r]", "1")]),
        ("header", "", None, ["a", "b"], [("p", "a,b")]),
        ("path", "simple", None, False, [("p", "false")]),
    ],
)
def test_carried(place: str, style: str, explode: bool | None, value: Any, carried: list[tuple[str, str]]) -> None:
    """A value stands in a request as its parameter's style and explode have it."""
    assert Parameter("p", place, True, {}, None, style, explode).carried(value) == carried


def changed(tmp_path: pathlib.Path, *edits: tuple[str, str]) -> str:
    """The path of the kettle's document with some changes."""
    text = KETTLE.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_must_be_sent_is_sent(tmp_path: pathlib.Path) -> None:
    """Lists, booleans and headers that are required are in every request, so that a strict server answers."""
    vendor = load(changed(tmp_path, (NAME, NAME + MORE)))
    target = polite(vendor)
    found = verdicts(Trial(vendor, lambda: target, Plan(), vendor.beliefs))
    asked = [one.request for one in target.exchanges if one.subject == "finished"]
    assert {verdict.outcome for verdict in found.values()} == {Outcome.KEPT}
    assert all(one.target.startswith(SENT) and ("X-Api-Version", "2024-01") in one.headers for one in asked)
    assert {one.query.get("brief") for one in asked} == {None, "true", "false"}


def test_what_nothing_asks_for_is_proved(tmp_path: pathlib.Path) -> None:
    """A limit, a failure and a default that the document describes: their beliefs have faults that are caught."""
    path = changed(tmp_path, (MISSING, UNASKED + MISSING), ("components:\n", TROUBLE))
    wanted = [one for one in tasks([path], None, 1) if one.kind == "fault" and "/404" not in one.name]
    unasked = [one for one in wanted if any(f"/{name}" in one.name for name in ("Trouble", "5XX", "default"))]
    results = [run(task) for task in unasked]
    assert len({result.guard for result in results}) >= 5
    assert [result.task.name for result in results if not result.holds] == []
    assert run(Task("variation", path, "limited-often", examples=4)).holds


def test_a_path_that_no_parameter_fills(tmp_path: pathlib.Path) -> None:
    """Nothing can be asked for then: every verb says so, before it asks."""
    with pytest.raises(DocumentError, match=r"\{lid\} is no parameter"):
        load(changed(tmp_path, ("/kettles/{name}:", "/kettles/{name}/{lid}:")))
