"""`pollspec test`: pytest under the hood, our own report above it."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

import click
import pytest
from rich.console import Console

from . import baseline, spec
from .errors import OwnError, UsageError
from .plugin import PROPERTY, TRIALS, command
from .reading import load
from .reports import files, rows, terminal
from .reports.progress import Telling, telling
from .reports.report import Report
from .target import INSECURE
from .targetfile import is_insecure
from .trial import Trial, must_be_tried

FOLDER = pathlib.Path(__file__).resolve().parent
MODULES = ("test_samples.py", "test_answers.py", "test_refusals.py", "test_lifecycle.py")
AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
DRAFT_EVERY = 1.0
"""Seconds between two drafts of the report files, and at least twenty times what the last one took."""


class Run:
    """One run under pytest: its trials, and the report on what they have learnt until now."""

    def __init__(self, blank: Callable[[], Report], known: baseline.Baseline, wanted: files.Wanted) -> None:
        self.blank, self.known, self.wanted = blank, known, wanted
        self.told: set[str] = set()
        self.errors: list[str] = []
        self.trials: list[tuple[Trial, str]] = []
        self.telling: Telling | None = None
        self.due = float("-inf")
        self.session: pytest.Session | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Listen to every trial; a first draft says that the run has begun."""
        self.session = session
        for trial in session.config.stash[TRIALS].values():
            trial.listeners.append(self._heard)
            self.trials.append((trial, command(session.config, trial.vendor)))
        self.draft()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """After each item: errors that left nothing to judge, and vendors that are judged now.

        After an interrupt nobody is asked anything more.
        """
        if report.failed and PROPERTY not in dict(report.user_properties):
            self.errors.append(str(report.longrepr))
        for trial, _ in self.trials:
            if trial.judged and trial.vendor.slug not in self.told:
                self.told.add(trial.vendor.slug)
                if self.telling:
                    self.telling.judged(trial, trial.so_far())
                self.draft()
            if trial.interrupted and self.session:
                self.session.shouldstop = "interrupted"

    def _heard(self, trial: Trial) -> None:
        if self.telling:
            self.telling.heard(trial)
        if time.monotonic() >= self.due:
            self.draft()

    def draft(self) -> None:
        """Write the report files as far as the run is; what cannot be written now is tried again at the end."""
        if self.wanted:
            begun = time.monotonic()
            with contextlib.suppress(OSError):
                files.write(self.report(finished=False), self.wanted)
            self.due = time.monotonic() + max(DRAFT_EVERY, 20 * (time.monotonic() - begun))

    def report(self, finished: bool) -> Report:
        """The report on every trial that has begun."""
        report = self.blank()
        for trial, typed in self.trials:
            if trial.begun:
                rows.gather(report, trial, trial.so_far(), typed)
        report.finished = finished and not report.interrupted
        self.known.apply(report, date.today())
        return report


def run(vendor: str | None, url: str | None, options: dict[str, Any], console: Console) -> int:
    """Run a trial and print its report; the exit code."""
    wanted = files.parse(options["report"])
    if options["insecure"] or (options["target_file"] and is_insecure(options["target_file"])):
        click.echo(f"pollspec: {INSECURE}", err=True)
    beliefs = [belief for name in ([vendor] if vendor else spec.names()) for belief in load(name).beliefs]
    known = baseline.read(options["baseline"], beliefs) if options["baseline"] else baseline.Baseline()
    required = must_be_tried(beliefs, options["require"])
    began = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def blank() -> Report:
        return Report(version("pollspec"), options["seed"], options["strict"], began=began, required=required)

    going = Run(blank, known, wanted)
    code, said = _pytest(_arguments(vendor, url, options), going)
    if code == pytest.ExitCode.USAGE_ERROR:
        raise UsageError(said.strip().removeprefix("ERROR: ") or "pytest did not take its arguments")
    if going.errors:
        raise UsageError("\n".join(dict.fromkeys(going.errors)))
    report = going.report(finished=code != pytest.ExitCode.INTERRUPTED)
    if not report.rows and code != pytest.ExitCode.INTERRUPTED:
        raise UsageError(f"nothing was tried: {said.strip()[-300:]}")
    terminal.show(report, console)
    files.deliver(report, wanted)
    return report.exit_code() if report.finished else 130


def _arguments(vendor: str | None, url: str | None, options: dict[str, Any]) -> list[str]:
    words = [str(FOLDER / module) for module in MODULES]
    words += ["--vendor", vendor] if vendor else []
    words += ["--target-url", url] if url else []
    words += ["--target-file", options["target_file"]] if options["target_file"] else []
    words += ["--allow-writes"] if options["allow_writes"] else []
    words += ["--no-wrong-logins"] if options["no_wrong_logins"] else []
    words += ["--insecure"] if options["insecure"] else []
    for name in ("interval", "rate", "max_requests", "max_time", "product_version"):
        words += [f"--{name.replace('_', '-')}={options[name]}"] if options[name] is not None else []
    words += [f"--header={text}" for text in options["header"]]
    words += ["--strict-contract"] if options["strict"] else []
    words += [f"--contract-seed={options['seed']}", f"--max-examples={options['max_examples']}"]
    return [*words, *(word for pattern in options["only"] for word in ("--only", pattern))]


def _pytest(arguments: Sequence[str], going: Run) -> tuple[int, str]:
    """Run pytest away from the user's own settings; what it would have printed, for its errors."""
    said = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="pollspec-") as scratch, _terminable(), _told(going):
        fixed = ["-c", os.devnull, "--rootdir", scratch, "--confcutdir", str(FOLDER), "--import-mode=importlib"]
        fixed += ["-q", "--capture=no", "-p", "pollspec.plugin"]
        fixed += [
            word for name in ("cacheprovider", "schemathesis", "hypothesispytest") for word in ("-p", f"no:{name}")
        ]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), _without_plugins():
            code = pytest.main([*fixed, *arguments], plugins=[going])
    if code == pytest.ExitCode.INTERNAL_ERROR:
        raise OwnError(f"an error of pollspec's own:\n{said.getvalue()[-2000:]}", "please report it")
    return int(code), said.getvalue()


@contextlib.contextmanager
def _told(going: Run) -> Iterator[None]:
    """Progress on standard error, while the run goes on."""
    going.telling = telling(sys.stdout, sys.stderr, os.environ)
    try:
        yield
    finally:
        going.telling.close()


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Being told to end (SIGTERM, as pipelines do) is an interrupt: what was learnt is still reported."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _without_plugins() -> Iterator[None]:
    """Nobody else's pytest plugins and options in our run."""
    before = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    before |= {AUTOLOAD: os.environ[AUTOLOAD]} if AUTOLOAD in os.environ else {}
    os.environ[AUTOLOAD] = "1"
    try:
        yield
    finally:
        os.environ.pop(AUTOLOAD)
        os.environ.update(before)
