"""`pollspec report merge`: what is joined, what is refused, and what every format says of a fleet."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from pollspec.cli import main
from pollspec.reports import files
from pollspec.reports import json as json_report
from pollspec.reports.report import Report
from tests import ovens
from tests.readers import CRUST, ENDS, WORDS, Page, everywhere

Make = Callable[..., str]


def at(report: Report, url: str) -> Report:
    """The same report, on an oven somewhere else."""
    return replace(report, vendors={name: replace(row, target=url) for name, row in report.vendors.items()})


@pytest.fixture
def written(tmp_path: pathlib.Path) -> Make:
    """What writes the JSON report on a spoilt oven at an address, with some of its data changed; its path."""

    def write(name: str, spoil: ovens.Spoil = ovens.good, **changed: Any) -> str:
        data = at(ovens.report(spoil), f"http://{name}:8080/api").as_data()
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({**data, **changed}), encoding="utf-8")
        return str(path)

    return write


def merge(*words: str) -> Result:
    """The command."""
    return CliRunner().invoke(main, ["report", "merge", *words], env={"GITHUB_STEP_SUMMARY": None})


@pytest.fixture
def joint(written: Make, tmp_path: pathlib.Path) -> Report:
    """The joint report on three ovens, two of which misbehave."""
    path = tmp_path / "joint.json"
    done = merge(written("a"), written("b", ovens.everything), written("c", ovens.pale), "--report", f"json={path}")
    assert done.exit_code == 1, done.output
    return json_report.typed(json_report.read(str(path)))


def test_a_report_is_read_back_as_it_was() -> None:
    """From a report to its data and back, nothing is lost."""
    report = ovens.report(ovens.everything, strict="implied", required=frozenset({WORDS}))
    data = json.loads(json_report.text(report))
    assert json.loads(json_report.text(json_report.typed(data))) == data


def test_each_target_keeps_its_rows(joint: Report) -> None:
    """A row for each target and belief; targets of one vendor are called after their addresses."""
    assert list(joint.vendors) == ["oven@a:8080/api", "oven@b:8080/api", "oven@c:8080/api"]
    assert len(joint.rows) == 3 * len(ovens.BELIEFS)
    broken = {(row.target_name, row.id) for row in joint.rows if row.outcome != "kept"}
    assert broken == {("b:8080/api", name) for name in (WORDS, CRUST, ENDS)} | {("c:8080/api", CRUST)}


def test_different_vendors_need_no_names(written: Make, tmp_path: pathlib.Path) -> None:
    """Reports on one target of each of several vendors are joined as one run of all of them would be."""
    alone = CliRunner().invoke(main, ["test", "keycard", "--max-examples", "0", "--report", f"json={tmp_path / 'k'}"])
    assert alone.exit_code == 0
    data = json.loads((tmp_path / "k").read_text(encoding="utf-8"))
    done = merge(str(tmp_path / "k"), written("a", pollspec=data["pollspec"]), "--report", f"json={tmp_path / 'j'}")
    assert done.exit_code == 0, done.output
    assert list(json.loads((tmp_path / "j").read_text(encoding="utf-8"))["vendors"]) == ["keycard", "oven"]


def test_the_exit_code_is_that_of_one_run(written: Make) -> None:
    """0 where all is kept; 1 wins over 3; 130 where one was interrupted; what was not finished stays so."""
    untried = [
        {**row, "outcome": "could not run", "wants": "no answer"} for row in ovens.report(ovens.good).as_data()["rows"]
    ]
    assert merge(written("a"), written("b")).exit_code == 0
    assert merge(written("a"), written("b", rows=untried)).exit_code == 3
    assert merge(written("a", ovens.pale), written("b", rows=untried)).exit_code == 1
    assert merge(written("a"), written("b", finished=False)).exit_code == 130


def test_what_one_run_requires_is_required(written: Make) -> None:
    """What failed its own run because nobody tried it fails the joint one."""
    rows = [
        {**row, "outcome": "not tried", "fails": True} if row["id"] == WORDS else row
        for row in ovens.report(ovens.good).as_data()["rows"]
    ]
    assert merge(written("a"), written("b", rows=rows, required=[WORDS])).exit_code == 1


def older(data: dict[str, Any]) -> dict[str, Any]:
    """A report as version 1 of the format had it."""
    rows = [{name: value for name, value in row.items() if name != "target_name"} for row in data["rows"]]
    new = {"target_name", "document_digest"}
    vendors = {k: {n: v for n, v in row.items() if n not in new} for k, row in data["vendors"].items()}
    kept = {name: value for name, value in data.items() if name not in {"shard", "required"}}
    return {**kept, "version": 1, "rows": rows, "vendors": vendors}


def test_reports_of_version_1_are_read(tmp_path: pathlib.Path) -> None:
    """What an older pollspec wrote is joined with its like, and gives a file of known failures."""
    paths = []
    for name in ("a", "b"):
        paths.append(str(tmp_path / name))
        data = older(at(ovens.report(ovens.pale), f"http://{name}").as_data())
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    assert merge(*paths).exit_code == 1
    assert CRUST in CliRunner().invoke(main, ["baseline", paths[0]]).output


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": 7}, "a.json has the seed 1, {b} has the seed 7"),
        ({"strict": "all"}, "a.json has strict False, {b} has strict all"),
        ({"pollspec": "9"}, "a.json was written by pollspec 0.0, {b} was written by pollspec 9"),
        ({"version": 1}, "a.json is of version 2 of the format, {b} is of version 1 of the format"),
        ({"version": 3}, "b.json is a report of version 3, this pollspec reads up to 2"),
        ({"rows": 1}, "b.json is no report of pollspec: rows"),
    ],
)
def test_runs_that_were_not_alike_are_refused(changed: dict[str, Any], said: str, written: Make) -> None:
    """Reports of other formats, versions, seeds or strictness are named, and nothing is joined."""
    one, other = written("a"), written("b", **changed)
    done = merge(one, other)
    assert done.exit_code == 2
    assert said.format(b=other) in done.output


def test_other_documents_are_refused(written: Make) -> None:
    """Two targets that were held to different documents of one vendor are no fleet."""
    vendors = at(ovens.report(ovens.good), "http://b").as_data()["vendors"]
    other = written("b", vendors={"oven": {**vendors["oven"], "document_digest": "sha256:0"}})
    done = merge(written("a"), other)
    assert done.exit_code == 2 and "test each target against the same document" in done.output


def test_one_target_is_told_of_once(written: Make) -> None:
    """Two reports on one target are refused, with the names of both."""
    done = merge(path := written("a"), path)
    assert done.exit_code == 2 and "a.json both tell of oven@a:8080/api" in done.output


@pytest.mark.parametrize(
    ("shards", "said"),
    [
        (["1/3", "3/3"], "shard 2/3 is not among"),
        (["1/2", "2/3"], "not of one number of shards"),
        (["1/2", "1/2"], "are both shard 1/2"),
    ],
)
def test_a_lost_shard_is_not_forgotten(shards: list[str], said: str, written: Make) -> None:
    """The shards of a fleet are joined when all of them are there, each once."""
    paths = [written(name, shard=shard) for name, shard in zip("ab", shards, strict=True)]
    done = merge(*paths)
    assert done.exit_code == 2 and said in done.output
    assert merge(written("a", shard="2/2"), written("b", shard="1/2")).exit_code == 0


def test_the_terminal_tells_a_belief_once(joint: Report) -> None:
    """A belief that breaks at several targets is told once, with their names; the table has a line for each target."""
    text = everywhere(joint)["terminal"]
    assert text.count(f"x {CRUST}") == 1
    assert "targets    b:8080/api, c:8080/api" in text
    assert "oven@c:8080/api" in text and "oven/getLoaf " not in text


def test_the_page_has_a_matrix(joint: Report) -> None:
    """A table shows which target breaks what; each mark leads to the verdict; what is kept is counted alone."""
    page = Page(files.FORMATS["html"](joint))
    assert len(page.all("div", "matrix")) == 1
    assert len(page.all("details", "belief")) == 4
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    for _, given in page.tags:
        assert not (href := str(given.get("href", "#"))).strip("#") or href[1:] in ids
    assert {given["aria-label"] for given in page.all("a") if "aria-label" in given} >= {
        "broken at b:8080/api", "broken at c:8080/api", "deviates at b:8080/api",
    }  # fmt: skip


def test_programs_tell_the_targets_apart(joint: Report) -> None:
    """JUnit has a suite for each target; SARIF one rule for each belief, and a fingerprint for each target."""
    suites = ElementTree.fromstring(files.FORMATS["junit"](joint).encode()).findall("testsuite")
    assert [suite.get("name") for suite in suites] == list(joint.vendors)
    (run,) = json.loads(files.FORMATS["sarif"](joint))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules)) == len(ovens.BELIEFS)
    assert len({result["partialFingerprints"]["belief/v1"] for result in run["results"]}) == 4
    assert "\nAt b:8080/api, c:8080/api.\n" in files.FORMATS["markdown"](joint)
