"""Known failures: what is excused, until when, and what happens when it no longer happens."""

from __future__ import annotations

import json
import pathlib
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import cast

import pytest
from click.testing import CliRunner, Result

from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.errors import BaselineError
from pollspec.judge.verdict import Outcome
from pollspec.reports import baseline, files
from pollspec.reports import json as json_report
from pollspec.reports.report import Report
from tests import ovens
from tests.readers import CRUST, ENDS, WORDS, everywhere

TODAY = date(2026, 11, 24)


def entries(*ids: str, expires: date = TODAY, seen: tuple[str, ...] = ()) -> baseline.Baseline:
    """Known failures that are excused until a day, and broke under some circumstances."""
    made = (baseline.Entry(name, "the oven is old", expires, "known.toml:3", seen) for name in ids)
    return baseline.Baseline(tuple(made))


def applied(known: baseline.Baseline, spoil: ovens.Spoil = ovens.everything, **given: bool) -> Report:
    """The report on an oven with some failures known."""
    report = ovens.report(spoil, **given)
    known.apply(report, TODAY)
    return report


def outcomes(report: Report) -> dict[str, str]:
    """The outcome of what is not kept, and of what a known failure speaks of."""
    return {row.id: row.outcome for row in report.rows if row.outcome != Outcome.KEPT or row.known}


def test_a_known_failure_does_not_fail_the_run() -> None:
    """With every broken belief known, temporal ones too, the run is good; it ends with 1 without."""
    report = applied(entries(WORDS, CRUST))
    assert outcomes(report) == {WORDS: "known", CRUST: "known", ENDS: "deviates"}
    assert (report.exit_code(), ovens.report(ovens.everything).exit_code()) == (0, 1)


def test_what_is_not_known_still_fails() -> None:
    """One known failure does not excuse another."""
    report = applied(entries(CRUST))
    assert outcomes(report)[WORDS] == "broken" and report.exit_code() == 1


def test_a_known_deviation_does_not_fail_a_strict_run() -> None:
    """A deviation is known like anything else."""
    assert applied(entries(WORDS, CRUST, ENDS), strict=True).exit_code() == 0
    assert applied(entries(WORDS, CRUST), strict=True).exit_code() == 1


def test_an_expired_failure_fails() -> None:
    """A known failure is excused on its last day, and not on the day after."""
    assert applied(entries(WORDS, CRUST, expires=TODAY)).exit_code() == 0
    report = applied(entries(WORDS, CRUST, expires=TODAY - timedelta(days=1)))
    row = next(row for row in report.rows if row.id == CRUST)
    assert report.exit_code() == 1 and row.outcome == "broken"
    assert row.known and row.known.standing == "expired"
    assert row.known.remedy == "it was excused until 2026-11-23: mend it, or give known.toml:3 a later day"


@pytest.mark.parametrize("expires", [TODAY, TODAY - timedelta(days=1)])
def test_a_failure_that_no_longer_happens_fails(expires: date) -> None:
    """An entry whose belief is kept fails the run, and says how to remove it."""
    report = applied(entries(WORDS, expires=expires), ovens.good)
    row = next(row for row in report.rows if row.id == WORDS)
    assert report.exit_code() == 1 and row.outcome == "kept"
    assert row.known and row.known.remedy == "it no longer happens: remove the entry at known.toml:3"


def test_what_was_not_judged_is_not_said_to_be_gone() -> None:
    """An entry says nothing of a belief that was not tried, nor of one in a run that was not finished."""
    assert applied(entries(WORDS), ovens.good, finished=False).exit_code() == 0
    report = ovens.report(ovens.good)
    report.rows = [replace(row, outcome="not tried") if row.id == WORDS else row for row in report.rows]
    entries(WORDS).apply(report, TODAY)
    assert report.exit_code() == 0 and outcomes(report) == {WORDS: "not tried"}


BAKED, NEVER = "getLoaf as default of finished at done", "getLoaf as default of burnt at burnt"
SEEN: list[tuple[tuple[str, ...], str, str]] = [
    ((), "gone", "it no longer happens: remove the entry at known.toml:3"),
    ((BAKED,), "gone", "it no longer happens: remove the entry at known.toml:3"),
    ((NEVER,), "unseen", f"it could not be seen this time: there was no {NEVER}"),
    ((BAKED, NEVER), "unseen", f"it could not be seen this time: there was no {NEVER}"),
]


@pytest.mark.parametrize(("seen", "standing", "remedy"), SEEN)
def test_a_failure_is_gone_only_where_it_could_be_seen(seen: tuple[str, ...], standing: str, remedy: str) -> None:
    """An entry is stale if all the circumstances in which it broke were there; else it stays, and the run is good."""
    report = applied(entries(WORDS, seen=seen), ovens.good)
    row = next(row for row in report.rows if row.id == WORDS)
    assert row.known and (row.known.standing, row.known.remedy) == (standing, remedy)
    assert row.outcome == "kept" and report.exit_code() == (1 if standing == "gone" else 0)


def test_a_failure_remembers_its_circumstances() -> None:
    """What is written names operation, credential, subject and stage; a server that is mended there is found out."""
    entries_of = {entry["id"]: entry for entry in written(ovens.report(ovens.everything))}
    assert BAKED in str(entries_of[WORDS]["seen"])
    seen = tuple(map(str, cast(list[str], entries_of[WORDS]["seen"])))
    assert applied(entries(WORDS, seen=seen), ovens.good).exit_code() == 1
    assert applied(entries(WORDS, CRUST, seen=seen)).exit_code() == 0


def test_what_could_not_be_seen_is_told_and_stays(tmp_path: pathlib.Path) -> None:
    """Every format names a known failure that could not be seen; a file that is written anew keeps it as it was."""
    report = applied(entries(WORDS, seen=(NEVER,)), ovens.good)
    for kind, text in everywhere(report).items():
        if kind != "sarif":
            assert "it could not be seen this time" in " ".join(text.split()), kind
    assert "1 known failures could not be seen this time, and stay known" in everywhere(report)["terminal"]
    (kept,) = written(report)
    assert (kept["id"], kept["reason"], kept["seen"]) == (WORDS, "the oven is old", [NEVER])
    files.write(report, {tmp_path / "report": "json"})
    assert json_report.read(str(tmp_path / "report"))["exit_code"] == 0


def test_what_must_be_tried_must_be_tried_although_it_is_known() -> None:
    """A known failure that was not tried, and is required, fails as any other."""
    report = ovens.report(ovens.good, required=frozenset({WORDS}))
    report.rows = [replace(row, outcome="not tried") if row.id == WORDS else row for row in report.rows]
    entries(WORDS).apply(report, TODAY)
    assert report.exit_code() == 1 and len(report.unseen) == 1


@pytest.mark.parametrize("kind", files.FORMATS)
def test_every_format_shows_what_is_known(kind: str) -> None:
    """The reason and the day stand in every report; so does what to do about an entry that is none any more."""
    text = files.FORMATS[kind](applied(entries(WORDS, CRUST)))
    assert "the oven is old" in text and "2026-11-24" in text
    assert "it no longer happens" in files.FORMATS[kind](applied(entries(WORDS), ovens.good))


# --- the file


def test_a_file_is_read(tmp_path: pathlib.Path) -> None:
    """An entry has an id, a reason and a day; its line is known."""
    path = tmp_path / "known.toml"
    path.write_text(f'# ours\n\n[[known]]\nid = "{WORDS}"\nreason = "old"\nexpires = 2027-01-31\nseen = ["{BAKED}"]\n')
    wanted = baseline.Entry(WORDS, "old", date(2027, 1, 31), f"{path}:4", (BAKED,))
    assert baseline.read(str(path), ovens.BELIEFS).entries == (wanted,)


def test_an_empty_file_excuses_nothing(tmp_path: pathlib.Path) -> None:
    """No entry is no error."""
    (tmp_path / "known.toml").write_text("")
    assert baseline.read(str(tmp_path / "known.toml"), ovens.BELIEFS).entries == ()


def test_an_entry_of_another_vendor_is_checked_and_ignored(tmp_path: pathlib.Path) -> None:
    """One file may hold the known failures of several known vendors."""
    other = load("rocket_chat").beliefs[0].id
    path = tmp_path / "known.toml"
    path.write_text(f'[[known]]\nid = "{other}"\nreason = "old"\nexpires = 2027-01-31\n')
    report = ovens.report(ovens.good)
    baseline.read(str(path), ovens.BELIEFS).apply(report, TODAY)
    assert report.exit_code() == 0 and outcomes(report) == {}
    path.write_text(path.read_text().replace(other, "rocket_chat/nope/nope/nope"))
    with pytest.raises(BaselineError, match="no belief is called"):
        baseline.read(str(path), ovens.BELIEFS)


def entry(**given: str) -> str:
    """An entry of a file, with some lines changed; "" leaves one out."""
    lines = {"id": f'"{WORDS}"', "reason": '"old"', "expires": "2027-01-31", **given}
    return "[[known]]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items() if value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(id='"oven/getLoaf/only-when/word"'), f'known.toml:2: no belief is called .*did you mean "{WORDS}"'),
        (entry(id='"stove/getLoaf/only-when/words"'), 'no belief is called .*did you mean "oven"'),
        (entry(id="3"), "id is 3, expected a text"),
        (entry(id=""), "id is None, expected a text"),
        (entry(reason='" "'), "reason is ' ', expected a text"),
        (entry(expires=""), "expires is 'None', expected a day"),
        (entry(expires='"2027-01-31"'), "expires is '2027-01-31', expected a day without quotes"),
        (entry(expires="2027-01-31T10:00:00Z"), "expected a day without quotes"),
        (entry(expires="2027-02-31"), "is no TOML"),
        (entry(until="2027-01-31"), "unknown entry 'until'"),
        (entry(seen='"at night"'), "seen is 'at night', expected a list of texts"),
        (entry(seen="[3]"), r"seen is \[3\], expected a list of texts"),
        (entry() + entry(), "known.toml:5: .* stands at .*known.toml:1 already"),
        ("known = 3", r"expected \[\[known\]\] entries"),
        ("[other]", r"expected \[\[known\]\] entries"),
        ("[[known]", "is no TOML"),
    ],
)
def test_a_bad_file_is_refused(text: str, said: str, tmp_path: pathlib.Path) -> None:
    """What is wrong is said with the file and the line, and what to write instead."""
    path = tmp_path / "known.toml"
    path.write_text(text)
    with pytest.raises(BaselineError) as raised:
        baseline.read(str(path), ovens.BELIEFS)
    assert raised.match(f"(?s){said}") and str(path) in str(raised.value) and raised.value.hint


def test_a_missing_file_is_refused(tmp_path: pathlib.Path) -> None:
    """A file that is not there is named, with the command that writes one."""
    with pytest.raises(BaselineError, match="cannot be read") as raised:
        baseline.read(str(tmp_path / "known.toml"), ovens.BELIEFS)
    assert "pollspec baseline" in raised.value.hint


# --- from a run


def written(report: Report) -> list[dict[str, object]]:
    """The entries that are written from a report."""
    text = baseline.written(json.loads(json.dumps(report.as_data())), TODAY)
    entries: list[dict[str, object]] = tomllib.loads(text).get("known", [])
    return entries


def test_a_file_is_written_from_a_run() -> None:
    """What fails is listed, for a month; a deviation only if it fails."""
    assert [(e["id"], e["reason"], e["expires"]) for e in written(ovens.report(ovens.everything))] == [
        (WORDS, baseline.UNEXPLAINED, date(2026, 12, 24)),
        (CRUST, baseline.UNEXPLAINED, date(2026, 12, 24)),
    ]
    assert len(written(ovens.report(ovens.everything, strict=True))) == 3
    assert written(ovens.report(ovens.good)) == []


def test_a_written_file_keeps_what_is_known() -> None:
    """Reason and day of a known failure stay; an expired one gets a new day; one that is gone is left out."""
    known = entries(WORDS, expires=date(2027, 5, 5))
    kept, new = written(applied(known))
    assert (kept["id"], kept["reason"], kept["expires"]) == (WORDS, "the oven is old", date(2027, 5, 5))
    assert (new["id"], new["reason"]) == (CRUST, baseline.UNEXPLAINED)
    renewed = written(applied(entries(WORDS, CRUST, expires=date(2026, 1, 1))))
    assert {(e["reason"], e["expires"]) for e in renewed} == {("the oven is old", date(2026, 12, 24))}
    assert written(applied(entries(WORDS), ovens.good)) == []


def test_a_nasty_server_writes_no_toml_of_its_own() -> None:
    """What a server sent stands in comments only, without a line of its own."""
    text = baseline.written(json.loads(json.dumps(ovens.report(ovens.nasty).as_data())), TODAY)
    (only,) = tomllib.loads(text)["known"]
    assert only["id"] == "oven/getLoaf/schema/Loaf.crust" and "[red]" in text and "\x1b" not in text


def test_a_file_from_an_unfinished_run_says_so() -> None:
    """More may fail than is listed."""
    report = ovens.report(ovens.everything, finished=False)
    assert "# The run was not finished" in baseline.written(json.loads(json.dumps(report.as_data())), TODAY)


# --- on the command line


def command(*words: str) -> Result:
    """`pollspec ...`, away from the pipeline this may run in."""
    return CliRunner().invoke(main, list(words), env={"GITHUB_STEP_SUMMARY": None})


def test_from_a_red_run_to_a_green_one_and_back(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """A run fails; with the file that is written from it the next does not; with the server mended it fails again."""
    misdeed = [ovens.everything]

    def spoilt(vendor: object, clock: object, duration: float) -> object:
        return make(vendor, clock, misdeed[0])

    make: Callable[..., object] = ovens.Oven
    monkeypatch.setattr("pollspec.trial.destination.Mock", spoilt)
    known, report = tmp_path / "known.toml", tmp_path / "report.json"
    test = ("test", str(ovens.DOCUMENT), "--max-examples", "0")
    assert command(*test, "--report", f"json={report}").exit_code == 1
    known.write_text(command("baseline", str(report)).stdout)

    green = command(*test, "--baseline", str(known))
    assert green.exit_code == 0 and f"= {CRUST} known until" in green.stdout and "2 known" in green.stdout

    misdeed[0] = ovens.good
    gone = command(*test, "--baseline", str(known))
    assert gone.exit_code == 1 and f"it no longer happens: remove the entry at {known}:" in gone.stdout


def test_a_bad_file_stops_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """An unknown id ends with 2 and a clear error."""

    def nobody(*given: object) -> None:
        raise AssertionError("nothing may be asked")

    monkeypatch.setattr("pollspec.trial.destination.Mock", nobody)
    (tmp_path / "known.toml").write_text(entry(id='"oven/getLoaf/only-when/word"'))
    result = command("test", str(ovens.DOCUMENT), "--baseline", str(tmp_path / "known.toml"))
    assert result.exit_code == 2 and "did you mean" in result.stderr and "Traceback" not in result.output


def test_a_baseline_of_no_report_is_refused(tmp_path: pathlib.Path) -> None:
    """`pollspec baseline` of another file ends with 2."""
    (tmp_path / "x.json").write_text("{}")
    result = command("baseline", str(tmp_path / "x.json"))
    assert result.exit_code == 2 and "is no report of pollspec" in result.stderr
