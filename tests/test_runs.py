"""A run and what it leaves: report files that are whole at any moment, and a word now and then on standard error."""

from __future__ import annotations

import http.server
import io
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from pollspec import spec
from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.errors import UsageError
from pollspec.reports import files, progress
from pollspec.reports import json as json_report
from pollspec.reports.report import Report
from pollspec.servers.polite import Mock
from pollspec.trial.ledger import Ledger
from tests import ovens
from tests.conftest import verdicts, view
from tests.readers import RAW, WORDS, Page

ALL = len(view(str(ovens.DOCUMENT)).beliefs)
"""Beliefs of the oven's document."""

# --- files


def test_options_are_taken(tmp_path: pathlib.Path) -> None:
    """Several formats at once, each with its file."""
    wanted = files.parse((f"json={tmp_path / 'a'}", f"html={tmp_path / 'b'}"))
    assert wanted == {tmp_path / "a": "json", tmp_path / "b": "html"}


@pytest.mark.parametrize("option", ["json", "json=", "jsn=a", "json=nowhere/a", "json=.", "=a"])
def test_bad_options_are_refused(option: str) -> None:
    """An option that names no format, no file or no folder is refused."""
    with pytest.raises(UsageError, match="--report"):
        files.parse((option,))


def test_one_file_holds_one_format(tmp_path: pathlib.Path) -> None:
    """Two formats cannot go into one file."""
    with pytest.raises(UsageError, match="already"):
        files.parse((f"json={tmp_path / 'a'}", f"html={tmp_path / 'a'}"))


def test_a_file_is_written_whole_or_not_at_all(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that fails leaves the file as it was, and nothing beside it."""
    path, bad = tmp_path / "report.json", ovens.report(ovens.everything)
    files.write(bad, {path: "json"})
    before = path.read_text()

    def fails(report: Report) -> str:
        raise KeyboardInterrupt

    monkeypatch.setitem(files.FORMATS, "json", fails)
    with pytest.raises(KeyboardInterrupt):
        files.write(bad, {path: "json"})
    assert path.read_text() == before and list(tmp_path.iterdir()) == [path]


# --- runs


def run(*words: str, **environment: str | None) -> Result:
    """`pollspec test` on the oven's document, away from the pipeline this may run in."""
    clean = {"GITHUB_STEP_SUMMARY": None, "CI": None, **environment}
    return CliRunner().invoke(main, ["test", str(ovens.DOCUMENT), "--max-examples", "0", *words], env=clean)


@pytest.fixture
def spoilt(monkeypatch: pytest.MonkeyPatch) -> Callable[[ovens.Spoil], None]:
    """Makes the embedded server a spoilt one."""

    def spoil(misdeed: ovens.Spoil) -> None:
        monkeypatch.setattr(
            "pollspec.trial.destination.Mock", lambda vendor, clock, duration: ovens.Oven(vendor, clock, misdeed)
        )

    return spoil


def test_a_run_writes_every_format(spoilt: Callable[[ovens.Spoil], None], tmp_path: pathlib.Path) -> None:
    """Several reports at once; standard output holds the report, standard error the progress."""
    spoilt(ovens.everything)
    words = [word for kind in files.FORMATS for word in ("--report", f"{kind}={tmp_path / kind}")]
    result = run(*words)
    assert result.exit_code == 1, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files.FORMATS)
    data = json_report.read(str(tmp_path / "json"))
    assert data["finished"] and data["exit_code"] == 1 and data["summary"]["broken"] == 2
    first, *others = result.stderr.splitlines()
    assert re.fullmatch(r"oven: \d+ requests, \d+ kept, 2 broken, 1 deviates(, \d+ not tried)?", first)
    assert others == [f"report: {kind} in {tmp_path / kind}" for kind in files.FORMATS]
    assert result.stdout.splitlines()[-1].endswith("(pollspec beliefs shows them)")


def test_findings_are_grouped_and_the_summary_is_last(spoilt: Callable[[ovens.Spoil], None]) -> None:
    """One example per belief with a count; the last line counts."""
    spoilt(ovens.everything)
    lines = run().stdout.splitlines()
    assert len([line for line in lines if line.startswith(f"x {WORDS} ")]) == 1
    assert len([line for line in lines if re.fullmatch(r"    count      \d+ times in \d+", line)]) == 3
    assert re.match(r"\d+ kept, 2 broken, 1 deviates[,;] ", lines[-1])


def test_the_step_summary_is_added_to(tmp_path: pathlib.Path) -> None:
    """In a pipeline with a step summary the Markdown goes there, after what is there already."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    assert run(GITHUB_STEP_SUMMARY=str(summary)).exit_code == 0
    assert re.match(rf"before\n## pollspec: {ALL} kept\n", summary.read_text())
    result = run(GITHUB_STEP_SUMMARY=str(tmp_path))
    assert result.exit_code == 0 and "cannot be written" in result.stderr


def test_an_interrupted_run_reports_what_it_learnt(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """Ctrl-C ends with 130, and everything learnt before it is in the reports, marked unfinished."""

    class Interrupted(ovens.Oven):
        def respond(self, *asked: Any) -> Any:
            if sum(self.shown.values()) > 40:
                raise KeyboardInterrupt
            return super().respond(*asked)

    monkeypatch.setattr(
        "pollspec.trial.destination.Mock", lambda vendor, clock, duration: Interrupted(vendor, clock, ovens.silent)
    )
    result = run("--report", f"json={tmp_path / 'json'}", "--report", f"junit={tmp_path / 'junit'}")
    assert result.exit_code == 130, result.output
    data = json_report.read(str(tmp_path / "json"))
    outcomes = {row["id"]: row["outcome"] for row in data["rows"]}
    assert not data["finished"] and outcomes[WORDS] == "broken"
    assert "the run was interrupted" in {row["wants"] for row in data["rows"]}
    assert int(str(ElementTree.parse(tmp_path / "junit").getroot().get("errors"))) >= 1


def test_nobody_else_is_asked_after_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while one vendor is tried ends the run, not only that vendor's trial."""
    asked: list[str] = []

    class Interrupting(Mock):
        def respond(self, *given: Any) -> Any:
            asked.append(self.vendor.slug)
            raise KeyboardInterrupt

    monkeypatch.setattr("pollspec.trial.destination.Mock", Interrupting)
    result = CliRunner().invoke(main, ["test"], env={"GITHUB_STEP_SUMMARY": None})
    assert (result.exit_code, asked) == (130, spec.names()[:1])


def test_what_cannot_be_written_loses_nothing(tmp_path: pathlib.Path) -> None:
    """Where a report file cannot be written, the others and the terminal have the report; the error says why."""
    result = run("--report", "junit=/dev/full", "--report", f"json={tmp_path / 'json'}")
    assert result.exit_code == 2 and f"{ALL} kept" in result.stdout
    assert "the junit report /dev/full cannot be written: No space left on device" in result.stderr
    assert json_report.read(str(tmp_path / "json"))["finished"]


@pytest.fixture
def stuck(tmp_path: pathlib.Path) -> Iterator[dict[str, Any]]:
    """A server whose loaf is never baked; once a draft has rows, its next request sends `signal` to `process`."""
    vendor = load(str(ovens.DOCUMENT))
    mock, state = Mock(vendor, duration=1e9), dict[str, Any]()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = tmp_path / "json"
            if "sent" not in state and path.exists() and json.loads(path.read_text())["rows"]:
                state["sent"] = path.read_text()
                os.kill(state["process"].pid, state["signal"])
            target, _, query = self.path.partition("?")
            answer = mock.respond("GET", target, query, self.headers.items(), b"")
            self.send_response_only(answer.status)
            for name, value in (*answer.headers, ("content-length", str(len(answer.content)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *given: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state["url"] = f"http://127.0.0.1:{server.server_port}/v1"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_reports_survive_a_killed_run(number: int, stuck: dict[str, Any], tmp_path: pathlib.Path) -> None:
    """A run that is killed leaves whole reports, marked unfinished; one told to end reports and ends with 130."""
    words = [word for kind in files.FORMATS for word in ("--report", f"{kind}={tmp_path / kind}")]
    start = [sys.executable, "-c", "from pollspec.cli import main; main()", "test"]
    command = [*start, str(ovens.DOCUMENT), stuck["url"], "--interval", "0.05"]
    stuck["signal"] = number
    with subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        stuck["process"] = process
        out, _ = process.communicate(timeout=120)
    data = json_report.read(str(tmp_path / "json"))
    assert not data["finished"] and data["vendors"]["oven"]["requests"]["getLoaf"] > 1
    assert ElementTree.parse(tmp_path / "junit").find(".//testcase[@name='finished']/error") is not None
    assert Page((tmp_path / "html").read_text()).all("p", "unfinished")
    assert json.loads((tmp_path / "sarif").read_text())["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert (process.returncode, "interrupted" in out) == ((-9, False) if number == signal.SIGKILL else (130, True))


# --- progress


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.mark.parametrize(
    ("out", "environment", "kind"),
    [
        (Screen(), {}, progress.Live),
        (Screen(), {"CI": "true"}, progress.Lines),
        (io.StringIO(), {}, progress.Lines),
    ],
)
def test_progress_moves_only_on_a_terminal(
    out: io.StringIO, environment: dict[str, str], kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live line where the report goes to a terminal; plain lines elsewhere and in CI."""
    monkeypatch.setenv("TERM", "xterm")
    told = progress.telling(out, Screen(), environment)
    told.close()
    assert type(told) is kind


def test_plain_lines_are_few() -> None:
    """One line when a vendor is judged; before, one after each half minute of silence."""
    out, now = io.StringIO(), [0.0]
    told = progress.Lines(out, lambda: now[0])
    tried = ovens.spoilt(ovens.nasty)
    tried.listeners.append(told.heard)

    def later(ledger: Ledger) -> None:
        now[0] += 1

    tried.listeners.append(later)
    told.judged(tried, list(verdicts(tried).values()))
    lines = out.getvalue().splitlines()
    assert len(lines) == len(tried.target.exchanges) // 30 + 1
    assert re.match(r'oven: 31 requests so far, getLoaf "baking \\u001b\[31m \[red\]loud', lines[0])
    assert re.match(r"oven: \d+ requests, \d+ kept, 1 broken, \d+ not tried", lines[-1])
    assert not [raw for raw in RAW if raw in out.getvalue()]


def test_the_live_line_shows_nothing_raw() -> None:
    """What a server sends is text in the live line too, and the line is gone at the end."""
    out = io.StringIO()
    told = progress.Live(Console(file=out, force_terminal=True, width=200))
    tried = ovens.spoilt(ovens.nasty)
    tried.listeners.append(told.heard)
    told.judged(tried, list(verdicts(tried).values()))
    told.bars.refresh()
    told.close()
    assert f"{ALL} kept" not in out.getvalue() and "1 broken" in out.getvalue()
    assert "\x00" not in out.getvalue() and "\u202e" not in out.getvalue() and "\x1b[31m [red]" not in out.getvalue()
