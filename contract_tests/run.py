"""`pollspec test`: pytest under the hood, our own report above it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pathlib
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import pytest
from rich.console import Console

from . import spec
from .errors import UsageError
from .plugin import PROPERTY
from .reading import load
from .reports import files, terminal
from .reports.report import FindingRow, Report, Row, VendorRow
from .trial import required
from .vendor import Belief

FOLDER = pathlib.Path(__file__).resolve().parent
MODULES = ("test_samples.py", "test_answers.py", "test_refusals.py", "test_lifecycle.py")


class Collector:
    """Gathers each item's verdict, from this process or from a worker."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.errors: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a verdict out of an item's properties."""
        held = dict(report.user_properties).get(PROPERTY)
        if held and report.when == "teardown":
            data = json.loads(str(held))
            findings = tuple(FindingRow(**finding) for finding in data["row"].pop("findings"))
            self.report.rows.append(Row(**data["row"], findings=findings))
            self.report.vendors[data["vendor"]["vendor"]] = VendorRow(**data["vendor"])
        elif report.failed and not held:
            self.errors.append(str(report.longrepr))


def run(vendor: str | None, url: str | None, options: dict[str, Any], console: Console) -> int:
    """Run a trial and print its report; the exit code."""
    wanted = files.parse(options["report"])
    must = required(_beliefs(vendor), options["require"])
    report = Report(version("pollspec"), options["seed"], options["strict"])
    collector = Collector(report)
    code, said = _pytest(_arguments(vendor, url, options), collector)
    if code == pytest.ExitCode.USAGE_ERROR:
        raise UsageError(said.strip().removeprefix("ERROR: ") or "pytest did not take its arguments")
    if collector.errors:
        raise UsageError("\n".join(dict.fromkeys(collector.errors)))
    order = [belief.id for name in ([vendor] if vendor else spec.names()) for belief in load(name).beliefs]
    report.rows.sort(key=lambda row: order.index(row.id))
    if not report.rows:
        raise UsageError(f"nothing was tried: {said.strip()[-300:]}")
    terminal.show(report, console)
    files.write(report, wanted)
    for kind in wanted.values():
        console.print(f"report: {kind} in {next(str(path) for path, k in wanted.items() if k == kind)}")
    return 130 if code == pytest.ExitCode.INTERRUPTED else report.exit_code(must)


def _arguments(vendor: str | None, url: str | None, options: dict[str, Any]) -> list[str]:
    words = [str(FOLDER / module) for module in MODULES]
    words += ["--vendor", vendor] if vendor else []
    words += ["--target-url", url] if url else []
    words += ["--target-file", options["target_file"]] if options["target_file"] else []
    words += ["--allow-writes"] if options["allow_writes"] else []
    words += ["--interval", str(options["interval"])] if options["interval"] else []
    words += ["--strict-contract"] if options["strict"] else []
    words += [f"--contract-seed={options['seed']}", f"--max-examples={options['max_examples']}"]
    return [*words, *(word for pattern in options["only"] for word in ("--only", pattern))]


def _pytest(arguments: Sequence[str], collector: Collector) -> tuple[int, str]:
    """Run pytest away from the user's own settings; what it would have printed, for its errors."""
    said = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="pollspec-") as scratch:
        fixed = ["-c", os.devnull, "--rootdir", scratch, "--confcutdir", str(FOLDER), "--import-mode=importlib"]
        fixed += [
            "-p",
            "pollspec.plugin",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:schemathesis",
            "-p",
            "no:hypothesispytest",
            "-q",
        ]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), _without_plugins():
            code = pytest.main([*fixed, *arguments], plugins=[collector])
    return int(code), said.getvalue()


@contextlib.contextmanager
def _without_plugins() -> Any:
    """Nobody else's pytest plugins in our run."""
    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def _beliefs(vendor: str | None) -> list[Belief]:
    return [belief for name in ([vendor] if vendor else spec.names()) for belief in load(name).beliefs]
