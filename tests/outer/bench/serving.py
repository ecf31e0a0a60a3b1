"""Answers a second of the polite server, beside Prism's."""

from __future__ import annotations

import pathlib
import shutil

from pollspec.document.vendor import Vendor
from tests.outer.bench import servers
from tests.outer.bench.figures import Section, number
from tests.outer.bench.load import ANSWERED, SECONDS, Load, load
from tests.outer.bench.processes import run

CONNECTIONS = 8
PRISM = "@stoplight/prism-cli@5"
HOW = f"""\
The same request about a running operation on {CONNECTIONS} connections, until {ANSWERED:,} answers or {SECONDS:.0f}
seconds, on loopback. Both are one process; Prism (static: it answers with the document's examples) holds the request to
the document, `pollspec mock` plays it. The load is the bench's own, on a processor of its own where there are two: its
share is what of that it used."""
COLUMNS = ("vendor", "server", "answers/s", "median ms", "statuses", "share of the load")


def measure(folder: pathlib.Path) -> Section:
    """Every vendor; Prism's part is left out where npm has none."""
    section = Section("The polite server", HOW, COLUMNS)
    prism = _prism(folder, section)
    for vendor in servers.vendors():
        with servers.mock(vendor, 3600, folder) as (url, _):
            section.rows.append(_row(vendor, "pollspec mock", load(url, servers.question(vendor), CONNECTIONS)))
        if prism is None:
            continue
        try:
            with servers.prism(vendor, prism, folder) as (url, _):
                section.rows.append(_row(vendor, "Prism", load(url, servers.bare_question(vendor), CONNECTIONS)))
        except OSError as error:
            section.notes.append(f"{vendor.slug}: Prism: {error}")
    return section


def _row(vendor: Vendor, name: str, made: Load) -> tuple[str, ...]:
    median = sorted(made.took)[len(made.took) // 2] * 1000
    return (vendor.slug, name, number(made.rate), number(median), made.said, f"{made.processor / made.wall:.0%}")


def _prism(folder: pathlib.Path, section: Section) -> pathlib.Path | None:
    """The command; None where it cannot be installed, which the section says."""
    npm, command = shutil.which("npm"), folder / "node_modules" / ".bin" / "prism"
    if npm is None:
        section.notes.append("Prism was left out: there is no npm.")
        return None
    words = ["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", str(folder), PRISM]
    made = run([npm, *words], folder)
    if made.code or not command.exists():
        section.notes.append(f"Prism was left out: npm failed: {made.output.strip()[-300:] or made.code}")
        return None
    section.notes.append(f"Prism {run([str(command), '--version'], folder).output.strip()}.")
    return command
