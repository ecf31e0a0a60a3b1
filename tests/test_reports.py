"""What each report says of a run: JSON, JUnit, Markdown and SARIF (test_html_report.py has the HTML).

The golden files say which beliefs there are, of which grade, and what becomes of them against the polite servers:
`POLLSPEC_WRITE_GOLDEN=1 pytest tests/test_reports.py -k golden` writes them anew.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from pollspec import spec
from pollspec.errors import UsageError
from pollspec.reports import files
from pollspec.reports import json as json_report
from pollspec.reports.report import KNOWN, KnownRow, Report
from tests import ovens
from tests.conftest import polite, verdicts
from tests.readers import CRUST, ENDS, WORDS

GOLDEN = pathlib.Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def bad() -> Report:
    """The report on an oven with every misdeed: two beliefs broken, one deviates."""
    return ovens.report(ovens.everything)


def marked(report: Report, **outcomes: str) -> Report:
    """A copy with the outcomes of some beliefs (`operation_keyword_name`) changed."""
    rows = [
        replace(row, outcome=outcomes.get(row.id.split("/", 1)[1].replace("/", "_").replace("-", "_"), row.outcome))
        for row in report.rows
    ]
    return replace(report, rows=rows)


# --- JSON


def test_the_published_schema_is_one() -> None:
    """report.schema.json is a JSON Schema, and ships beside the code."""
    jsonschema_rs.meta.validate(json.loads(json_report.SCHEMA.read_text(encoding="utf-8")))


@pytest.mark.parametrize("spoil", [ovens.good, ovens.everything, ovens.nasty, ovens.leaking])
@pytest.mark.parametrize("given", [{}, {"finished": False, "strict": True, "began": ""}])
def test_reports_satisfy_the_schema(spoil: ovens.Spoil, given: dict[str, Any], tmp_path: pathlib.Path) -> None:
    """A report of any run, finished or not, is what the schema says."""
    path = tmp_path / "report.json"
    files.write(ovens.report(spoil, **given), {path: "json"})
    assert len(json_report.read(str(path))["rows"]) == len(ovens.BELIEFS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is no report of pollspec"),
        ('{"version": 1}', "is no report of pollspec"),
    ],
)
def test_what_is_no_report_is_refused(content: str, said: str, tmp_path: pathlib.Path) -> None:
    """A file that is no report is named, with what to give instead."""
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(UsageError, match=said) as raised:
        json_report.read(str(tmp_path / "x.json"))
    assert "--report json=FILE" in raised.value.hint


def test_the_schema_objects(bad: Report) -> None:
    """The schema refuses an unknown entry, an unknown outcome and a report of another version."""
    validator = jsonschema_rs.Draft202012Validator(json.loads(json_report.SCHEMA.read_text(encoding="utf-8")))
    data = bad.as_data()
    assert validator.is_valid(json.loads(json.dumps(data)))
    assert not validator.is_valid({**data, "more": 1})
    assert not validator.is_valid({**data, "version": 3})
    assert not validator.is_valid({**data, "rows": [{**data["rows"][0], "outcome": "fine"}]})


def test_the_clearest_example_comes_first(bad: Report) -> None:
    """Of several findings the one with the shortest request comes first; the count is of all of them."""
    row = next(row for row in bad.rows if row.id == WORDS)
    exchanges = ovens.ended(ovens.everything).target.exchanges
    silent = [one.number + 1 for one in exchanges if one.answer and b'"Hm."' in one.answer.content]
    assert row.count == len(silent) > 3 and row.findings[0].number in silent
    assert [len(finding.request) for finding in row.findings] == sorted(len(f.request) for f in row.findings)
    temporal = next(row for row in bad.rows if row.id == CRUST)
    assert "200 application/json" in temporal.findings[0].before


# --- JUnit


def parsed(report: Report) -> ElementTree.Element:
    """A JUnit report as CI systems read it."""
    return ElementTree.fromstring(files.FORMATS["junit"](report).encode())


def case(root: ElementTree.Element, name: str) -> ElementTree.Element:
    """The test case of a belief of getLoaf."""
    (found,) = root.findall(f".//testcase[@name='{name}'][@classname='oven.getLoaf']")
    return found


def test_junit_counts(bad: Report) -> None:
    """A suite per vendor and a case per belief; the counts agree with what is listed."""
    root = parsed(marked(bad, getLoaf_echoes_id="not tried", getLoaf_answers_unknown="could not run"))
    (suite,) = root.findall("testsuite")
    assert (root.tag, suite.get("name")) == ("testsuites", "oven")
    every = str(len(ovens.BELIEFS))
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == [every, "2", "1", "1"]
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == [every, "2", "1", None]
    assert len(suite.findall("testcase")) == len(ovens.BELIEFS)


def test_junit_says_what_became_of_a_belief(bad: Report) -> None:
    """Broken is a failure, not tried skipped, could not run an error; what deviates passes with a word."""
    root = parsed(marked(bad, getLoaf_echoes_id="not tried", getLoaf_answers_unknown="could not run"))
    failure = case(root, "only-when/words").find("failure")
    assert failure is not None and 'Expected /note: "Enjoy!"' in str(failure.get("message"))
    assert "The note of a baked loaf" in str(failure.text) and "reproduce" in str(failure.text)
    assert case(root, "echoes/id").find("skipped") is not None
    assert case(root, "answers/unknown").find("error") is not None
    assert [child.tag for child in case(root, "lifecycle/ends")] == ["system-out"]
    assert [child.tag for child in case(root, "status/success")] == []


def test_junit_of_a_strict_run(bad: Report) -> None:
    """In a strict run what deviates is a failure, and a required belief that was not tried as well."""
    required = frozenset({"oven/getLoaf/echoes/id"})
    strict = replace(marked(bad, getLoaf_echoes_id="not tried"), strict=True, required=required)
    root = parsed(strict)
    assert case(root, "lifecycle/ends").find("failure") is not None
    assert case(root, "echoes/id").find("failure") is not None


def test_an_unfinished_junit_report_is_not_green() -> None:
    """A run that was killed leaves an error, though all that was learnt was good."""
    report = ovens.report(ovens.good, finished=False)
    root = parsed(report)
    assert (root.get("failures"), root.get("errors")) == ("0", "1")
    assert root.find(".//testcase[@name='finished']/error") is not None
    assert parsed(replace(report, finished=True)).get("errors") == "0"


# --- Markdown


def test_markdown_shows_the_table_and_what_is_broken(bad: Report) -> None:
    """The counts of each operation, then each finding with the sentence, what fails first."""
    text = files.FORMATS["markdown"](bad)
    of_loaf = sum(belief.operation == "getLoaf" for belief in ovens.BELIEFS)
    assert f"| oven/getLoaf | {of_loaf - 3} | 2 | 1 |" in text
    heads = [line for line in text.splitlines() if line.startswith("### ")]
    assert [head.split(" ", 2)[2] for head in heads] == [WORDS, CRUST, ENDS]
    assert '> source: The note of a baked loaf is "Enjoy\\!".' in text


def test_markdown_fences_hold() -> None:
    """Backticks that a server sends do not end a code block."""
    lines = files.FORMATS["markdown"](ovens.report(ovens.nasty)).splitlines()
    fences = [line for line in lines if re.fullmatch("`{4,}(text)?", line)]
    assert len(fences) == 2 and "```" not in [line.strip() for line in lines]


def test_markdown_folds_what_was_not_tried(bad: Report) -> None:
    """What was not tried stands in a fold with what it wants."""
    text = files.FORMATS["markdown"](marked(bad, getLoaf_echoes_id="not tried"))
    assert "<details><summary>1 not tried</summary>" in text
    assert "**The run is not finished" in files.FORMATS["markdown"](replace(bad, finished=False))


# --- SARIF


def test_sarif_has_a_rule_per_belief_and_a_result_per_broken_one(bad: Report) -> None:
    """Each rule has the claim and the sentence; each result its level, and its line in the document."""
    log = json.loads(files.FORMATS["sarif"](bad))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert (log["version"], len(rules)) == ("2.1.0", len(ovens.BELIEFS))
    results = {result["ruleId"]: result for result in run["results"]}
    assert {name: result["level"] for name, result in results.items()} == {
        WORDS: "error",
        CRUST: "error",
        ENDS: "warning",
    }
    for name, result in results.items():
        assert rules[result["ruleIndex"]]["id"] == name
    assert "The note of a baked loaf is" in results[WORDS]["message"]["text"]
    rule = rules[results[WORDS]["ruleIndex"]]
    assert rule["shortDescription"]["text"] == "A baked loaf says so."
    assert rule["fullDescription"]["text"] == 'source: The note of a baked loaf is "Enjoy!".'


KEPT_AT = {"own": "tree/sub/own document: 1.yaml", "shipped": "spec/keycard.yaml", "outside": "elsewhere/doc.yaml"}
PLACES: list[tuple[str, str, str, str, int]] = [
    ("tree", "own", "", "sub/own%20document%3A%201.yaml", 42),
    ("tree/sub", "own", "", "sub/own%20document%3A%201.yaml", 42),
    ("elsewhere", "own", "", "file://{folder}/tree/sub/own%20document%3A%201.yaml", 42),
    ("tree", "own", "target.toml", "sub/own%20document%3A%201.yaml", 42),
    ("tree", "outside", "target.toml", "target.toml", 1),
    ("tree", "outside", "", "file://{folder}/elsewhere/doc.yaml", 42),
    ("tree", "shipped", "target.toml", "target.toml", 1),
    ("tree/sub", "shipped", "../target.toml", "target.toml", 1),
    ("elsewhere", "shipped", "../tree/target.toml", "file://{folder}/tree/target.toml", 1),
    ("tree", "shipped", "", "", 0),
    ("tree", "shipped", "-", "", 0),
]
"""Where one is, which document and which other file were given; the place to which SARIF leads."""


@pytest.mark.parametrize(("here", "document", "file", "uri", "line"), PLACES)
def test_sarif_leads_into_the_checkout(
    here: str, document: str, file: str, uri: str, line: int,
    bad: Report, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A result leads to a file of the user's, relative to the top of the checkout, or to none; the claim is told."""
    for name in ("tree/.git/config", "tree/target.toml", KEPT_AT["own"], KEPT_AT["outside"], "tree/spec/keycard.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path / here)
    path = KEPT_AT[document] if document == "shipped" else os.path.relpath(tmp_path / KEPT_AT[document])
    name = "keycard/getTask" if document == "shipped" else "oven/getLoaf"
    rows = [replace(row, id=f"{name}/{row.name}", where=f"{path}:42") for row in bad.rows if row.findings]
    (run,) = json.loads(files.FORMATS["sarif"](replace(bad, rows=rows, file=file)))["runs"]
    found = [place["physicalLocation"] for result in run["results"] for place in result.get("locations", [])]
    wanted = [(uri.format(folder=tmp_path), line)] * (len(rows) if uri else 0)
    assert [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in found] == wanted
    assert all(row.claim in result["message"]["text"] for row, result in zip(rows, run["results"], strict=True))


def test_sarif_suppresses_what_is_known(bad: Report) -> None:
    """A known failure is there, suppressed with its reason; a strict run's deviation is an error."""
    known = KnownRow("the oven is old", "2027-01-31", "broken", KNOWN)
    rows = [replace(row, outcome=KNOWN, known=known) if row.id == WORDS else row for row in bad.rows]
    (run,) = json.loads(files.FORMATS["sarif"](replace(bad, rows=rows, strict=True)))["runs"]
    results = {result["ruleId"]: result for result in run["results"]}
    assert results[WORDS]["suppressions"][0]["justification"] == "the oven is old (until 2027-01-31)"
    assert results[WORDS]["level"] == "warning" and results[ENDS]["level"] == "error"


# --- golden


@pytest.mark.parametrize("name", spec.names())
def test_golden(name: str) -> None:
    """Each vendor's beliefs, their grades and their outcomes against the polite server are what they were."""
    tried = polite(name)
    told = {verdict.belief.id: f"{verdict.outcome}, {verdict.belief.grade}" for verdict in verdicts(tried).values()}
    text = json.dumps({"seed": tried.plan.seed, "beliefs": told}, indent=2) + "\n"
    path = GOLDEN / f"{name}.json"
    if os.environ.get("POLLSPEC_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(text)
