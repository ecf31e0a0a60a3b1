"""An operationId may be any text: in ids a slash in it is `~1`, so that each id has one reading."""

from __future__ import annotations

import json
import pathlib
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from pollspec.cli import main
from pollspec.document.pointers import token, tokens
from pollspec.trial.selection import selected
from tests.conftest import view

IDS = str(pathlib.Path(__file__).parent / "documents" / "ids.yaml")
RUN = "ids/actions~1get-run.v1_now"
OPERATION = "actions/get-run.v1_now"


@pytest.mark.parametrize("name", ["getJob", "actions/get-run", "jobs.get_run", "a~b", "a~1b/c", "//"])
def test_a_name_comes_back(name: str) -> None:
    """Whatever an operationId is, its part of an id is one part, and says which it was."""
    assert "/" not in token(name)
    assert tokens(f"/{token(name)}") == [name]


def test_selectors() -> None:
    """The beginning of an id means one operation, also where the other's operationId begins alike."""
    beliefs = view(IDS).beliefs
    assert {belief.operation for belief in selected(beliefs, ["ids/actions~1get"])} == {"actions/get"}
    assert {belief.operation for belief in selected(beliefs, [RUN])} == {OPERATION}
    assert {belief.operation for belief in selected(beliefs, ["*/lifecycle/ends"])} == {OPERATION}


def test_every_verb(tmp_path: pathlib.Path) -> None:
    """lint, test, explain, generate and each report take such a document, and show the operationId as it is."""
    run = CliRunner()
    files = {name: tmp_path / f"report.{name}" for name in ("junit", "json", "html", "markdown", "sarif")}
    reports = [f"--report={name}={path}" for name, path in files.items()]
    assert run.invoke(main, ["lint", IDS]).exit_code == 0
    tested = run.invoke(main, ["test", IDS, *reports])
    assert tested.exit_code == 0, tested.output
    told = run.invoke(main, ["explain", f"{RUN}/lifecycle/ends", IDS])
    assert f"run          pollspec test {IDS} --only {RUN}/lifecycle/ends" in told.output
    assert run.invoke(main, ["generate", IDS, "--output", str(tmp_path)]).exit_code == 0
    assert f"{RUN}/lifecycle/ends" in [row["id"] for row in json.loads(files["json"].read_text())["rows"]]
    cases = ElementTree.parse(files["junit"]).getroot().iter("testcase")
    assert f"ids.{OPERATION}" in {case.get("classname") for case in cases}
    assert f"{OPERATION}" in files["html"].read_text()


def test_a_slash_as_it_is_typed() -> None:
    """Who types the slash itself is told how it is written in ids."""
    done = CliRunner().invoke(main, ["test", IDS, "--only", f"ids/{OPERATION}/lifecycle/ends"])
    assert done.exit_code == 2
    assert f'did you mean "{RUN}/lifecycle/ends"?' in done.output
