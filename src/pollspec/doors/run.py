"""`pollspec test`: the contract tests under pytest, our own report above them."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
import platformdirs
import pytest
from hypothesis import configuration
from rich.console import Console
from schemathesis.core.failures import FailureGroup

from pollspec import contract_tests
from pollspec.doors import claiming
from pollspec.doors.command import Typed
from pollspec.doors.conclusion import Conclusion
from pollspec.doors.ending import terminable
from pollspec.doors.failures import Failures
from pollspec.doors.plugin import ASKING, ORDER, TRIALS, trials
from pollspec.errors import OwnError, PollspecError, UsageError
from pollspec.reports.progress import Telling, telling
from pollspec.reports.report import Report
from pollspec.trial.destination import Destination
from pollspec.trial.ledger import Ledger
from pollspec.trial.selection import Plan
from pollspec.trial.target import INSECURE
from pollspec.trial.targetfile import is_insecure
from pollspec.trial.trial import Trial

FOLDER = pathlib.Path(str(contract_tests.__file__)).resolve().parent
AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
DRAFT_EVERY = 1.0
"""Seconds between two drafts of the report files, and at least twenty times what the last one took."""
OVERRULING = (
    "interval",
    "rate",
    "max_requests",
    "max_time",
    "insecure",
    "product_version",
    "no_wrong_logins",
    "wrong_logins",
)
"""Options that go into Destination under their own names."""
WITHOUT = ("cacheprovider", "faulthandler", "unraisableexception", "threadexception")
"""Plugins of pytest that our run does without: it keeps nothing, and collects no garbage ten times at its end."""


class Run:
    """One run under pytest: its trials, and the report on what they have learnt until now."""

    def __init__(self, found: Sequence[Trial], asked: Typed, conclusion: Conclusion) -> None:
        self.trials, self.conclusion = found, conclusion
        self.commands = {trial.vendor.slug: asked.command(trial.vendor) for trial in found}
        self.telling: Telling | None = None
        self.errors: list[str] = []
        self.due = float("-inf")
        self.session: pytest.Session | None = None
        self.over = False
        self.failure: PollspecError | None = None
        for trial in found:
            trial.listeners.append(self._heard)
            trial.announcing.append(self._announced)

    @property
    def modules(self) -> list[str]:
        """The contract tests that there is something for: pytest reads each file that it is given by name."""
        return [name for name in ORDER if name not in ASKING or any(trial.asks for trial in self.trials)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand the trials over to the plugin."""
        config.stash[TRIALS] = {trial.vendor.slug: trial for trial in self.trials}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """A first draft says that the run has begun."""
        self.session = session
        self.draft()

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """What failed for another reason than a finding, or a skip, is an error of ours."""
        error = call.excinfo.value if call.excinfo else None
        expected = isinstance(error, FailureGroup | Failures | pytest.skip.Exception | KeyboardInterrupt)
        if call.excinfo and not expected and not any(trial.failed for trial in self.trials):
            self.errors.append(str(OwnError.of(call.excinfo.value).args[0]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """After each test; after an interrupt nobody is asked more."""
        if self.session and any(trial.interrupted for trial in self.trials):
            self.session.shouldstop = "interrupted"
        self.draft()

    def pytest_exception_interact(
        self, call: pytest.CallInfo[Any], report: pytest.CollectReport | pytest.TestReport
    ) -> None:
        """Contract tests that cannot be read are an error of ours, too: pytest takes them for an interrupt."""
        if isinstance(report, pytest.CollectReport) and call.excinfo:
            self._fail(call.excinfo.value)

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember what went wrong within pytest, where everything of ours runs."""
        self._fail(excinfo.value)

    def _fail(self, error: BaseException) -> None:
        self.failure = error if isinstance(error, PollspecError) else OwnError.of(error)

    def _announced(self, line: str) -> None:
        if self.telling:
            self.telling.announced(line)

    def _heard(self, ledger: Ledger) -> None:
        if self.telling:
            self.telling.heard(ledger)
        if time.monotonic() >= self.due:
            self.draft()

    def draft(self) -> None:
        """Write the report files as far as the run is; what cannot be written now is tried again at the end."""
        if self.conclusion.wanted and time.monotonic() >= self.due:
            begun = time.monotonic()
            with contextlib.suppress(OSError):
                self.conclusion.draft(self.report(finished=False))
            self.due = time.monotonic() + max(DRAFT_EVERY, 20 * (time.monotonic() - begun))

    def carried_out(self, told: Telling) -> Report:
        """The report at the end of the run; PollspecError where there is nothing to report."""
        with contextlib.closing(told) as self.telling:
            code, said = _pytest(self)
            for trial in self.trials:
                trial.close()
                if trial.begun:
                    told.judged(trial, list(trial.verdicts().values()))
        return self._concluded(code, said)

    def _concluded(self, code: int, said: str) -> Report:
        for trial in self.trials:
            if trial.failed is not None:
                raise trial.failed
        if self.errors and code != pytest.ExitCode.INTERRUPTED:
            raise OwnError("\n".join(dict.fromkeys(self.errors)), "please report it")
        report = self.report(finished=code != pytest.ExitCode.INTERRUPTED)
        if not report.rows and code != pytest.ExitCode.INTERRUPTED:
            raise UsageError(f"nothing was tried: {said.strip()[-300:]}")
        return report

    def report(self, finished: bool) -> Report:
        """The report on every trial that has begun, and on samples alone where nothing was asked."""
        begun = [trial for trial in self.trials if trial.begun or not trial.asks]
        return self.conclusion.report([(trial, self.commands[trial.vendor.slug]) for trial in begun], finished)


def run(vendor: str | None, url: str | None, options: Mapping[str, Any], console: Console) -> int:
    """Run a trial and print its report; the exit code."""
    if options["insecure"] or (options["target_file"] and is_insecure(options["target_file"])):
        click.echo(f"pollspec: {INSECURE}", err=True)
    claim = claiming.wanted(options, vendor)
    going = prepared(vendor, url, options)
    with terminable(going):
        report = going.carried_out(telling(sys.stdout, sys.stderr, os.environ))
        code = going.conclusion.give(report, console)
        if claim is None:
            return code
        (trial,) = going.trials
        return claiming.write(claim, report, trial, going.commands[trial.vendor.slug], options, code)


def prepared(vendor: str | None, url: str | None, options: Mapping[str, Any]) -> Run:
    """What was typed as a run; nothing is sent yet."""
    known = {name: options[name] for name in OVERRULING if options[name] is not None}
    where = Destination(url, options["target_file"], options["allow_writes"], headers=options["header"], **known)
    plan = Plan(options["seed"], options["max_examples"], options["strict"] or False, options["only"])
    asked = Typed((vendor,) if vendor else (), where, plan)
    found = trials(asked)
    conclusion = Conclusion([belief for trial in found for belief in trial.vendor.beliefs], options)
    return Run(found, asked, conclusion)


def carry_out(trial: Trial) -> None:
    """Run the contract tests on one trial, and report nothing: the trial has what was learnt."""
    going = Run([trial], Typed((trial.vendor.document.typed,), plan=trial.plan), Conclusion((), {}))
    _pytest(going)
    if going.errors:
        raise OwnError("\n".join(dict.fromkeys(going.errors)), "please report it")
    trial.close()


def _pytest(going: Run) -> tuple[int, str]:
    """Run pytest away from the user's own settings; what it would have printed, for its errors."""
    said = io.StringIO()
    forget_contract_tests()
    configuration.set_hypothesis_home_dir(_cache())
    with tempfile.TemporaryDirectory(prefix="pollspec-") as scratch:
        words = ["-c", os.devnull, "--rootdir", scratch, "--confcutdir", str(FOLDER), "--import-mode=importlib"]
        words += ["-q", "--capture=no", "--assert=plain", *(f"-pno:{name}" for name in WITHOUT)]
        words += ["-p", "schemathesis.pytest.plugin", "-p", "pollspec.doors.plugin"]
        words += [str(FOLDER / f"{module}.py") for module in going.modules]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), _without_plugins():
            try:
                code = pytest.main(words, plugins=[going])
            except KeyboardInterrupt:
                code = pytest.ExitCode.INTERRUPTED
            finally:
                going.over = True
    if going.failure is not None:
        raise going.failure
    if code in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}:
        raise OwnError("pytest failed", "please report it")
    return int(code), said.getvalue()


def forget_contract_tests() -> None:
    """Have the contract tests imported anew: what they are parametrized with is that of the run they were read in.

    A mock's thread may import something meanwhile: what is looked through is a copy, made in one step.
    """
    for name, module in sys.modules.copy().items():
        path = getattr(module, "__file__", None)
        if name.rpartition(".")[2] in ORDER and path and pathlib.Path(path).resolve().parent == FOLDER:
            del sys.modules[name]


def _cache() -> pathlib.Path:
    """Where hypothesis keeps what it has worked out of Unicode: the user's cache, so that it is worked out once."""
    folder = os.environ.get("HYPOTHESIS_STORAGE_DIRECTORY")
    return pathlib.Path(folder) if folder else pathlib.Path(platformdirs.user_cache_dir("pollspec")) / "hypothesis"


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
