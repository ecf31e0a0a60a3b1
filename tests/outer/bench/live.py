"""A live run of each vendor against a server that needs a second, beside `schemathesis run` on the same document."""

from __future__ import annotations

import pathlib
import re
import statistics
from collections.abc import Sequence
from dataclasses import replace

from pollspec.document.expressions import parse
from pollspec.document.vendor import Vendor
from tests.outer.bench import servers
from tests.outer.bench.figures import Aim, Section, number
from tests.outer.bench.processes import SCRIPTS, Ran, run

TIMES = 3
"""Runs of pollspec; the median of their times counts, and the most of their memory."""
DURATION = 1.0
WALL, MEMORY, SHARE = 2.2, 130.0, 0.5
"""Seconds and MB that a run is to take at most, and the share of schemathesis' time."""
HOW = """\
`pollspec test VENDOR URL` (with `--allow-writes` where there is something to start) against
`pollspec mock VENDOR --duration 1`, started anew for every run: the median of three runs, after one that filled
hypothesis' cache; also with `--interval 0.1`, which waits less between two polls. Beside it one run of
`schemathesis run DOCUMENT --url URL` with its defaults, and one with `--continue-on-failure`, both with the vendor's
credential as headers; by default it ends the asking at the first failure, and its own checks fail on each of these
servers. Requests are those that each tells of."""
COLUMNS = ("vendor", "run", "s", "s of processor", "MB", "requests")
OURS, OFTEN = "pollspec", "pollspec --interval 0.1"
DEFAULTS, ALL = "schemathesis", "schemathesis, all cases"


def measure(folder: pathlib.Path) -> Section:
    """Every vendor."""
    section, sums = Section("A live run", HOW, COLUMNS), dict[str, list[Ran]]()
    for vendor in servers.vendors():
        _ours(vendor, OURS, folder)
        for name, ask, times in WAYS:
            ran = sorted((ask(vendor, name, folder) for _ in range(times)), key=lambda one: one.wall)
            one = replace(ran[times // 2], memory=max(one.memory for one in ran))
            sums.setdefault(name, []).append(one)
            section.rows.append((vendor.slug, name, *_figures(one.wall, one.processor, one.memory), _requests(one)))
    for name, several in sums.items():
        totals = sum(one.wall for one in several), sum(one.processor for one in several)
        section.rows.append(("all", name, *_figures(*totals, max(one.memory for one in several)), ""))
    section.aims = _aims(sums)
    section.notes += [f"{name}: a run ended with exit code {one.code}." for name in sums for one in _odd(sums[name])]
    return section


def _ours(vendor: Vendor, name: str, folder: pathlib.Path) -> Ran:
    more = ["--allow-writes"] if any(operation.writes for operation in vendor.operations.values()) else []
    more += ["--interval", "0.1"] if name == OFTEN else []
    with servers.mock(vendor, DURATION, folder) as (url, _):
        return run([str(SCRIPTS / "pollspec"), "test", vendor.slug, url, *more], folder)


def _theirs(vendor: Vendor, name: str, folder: pathlib.Path) -> Ran:
    signed = {parse(text).name: value for text, value in vendor.credentials.get("default", {}).items()}
    more = [word for header, value in signed.items() for word in ("--header", f"{header}: {value}")]
    more += ["--continue-on-failure"] if name == ALL else []
    with servers.mock(vendor, DURATION, folder) as (url, _):
        command = [str(SCRIPTS / "schemathesis"), "run", str(servers.document(vendor)), "--url", url + vendor.base_path]
        return run([*command, *more], folder)


WAYS = ((OURS, _ours, TIMES), (OFTEN, _ours, TIMES), (DEFAULTS, _theirs, 1), (ALL, _theirs, 1))


def _requests(ran: Ran) -> str:
    """What a run says it has sent."""
    ours = re.findall(r": ([\d,]+) requests, ", ran.output)
    theirs = re.findall(r"([\d,]+) generated", ran.output)
    return next(iter([*ours, *theirs]), "?")


def _odd(several: Sequence[Ran]) -> list[Ran]:
    return [one for one in several if one.code not in {0, 1}]


def _figures(wall: float, processor: float, memory: float) -> tuple[str, str, str]:
    return number(wall), number(processor), number(memory)


def _aims(sums: dict[str, list[Ran]]) -> list[Aim]:
    ours = sums[OURS]
    wall, median = max(one.wall for one in ours), statistics.median(one.wall for one in ours)
    memory = max(one.memory for one in ours)
    share = sum(one.wall for one in ours) / sum(one.wall for one in sums[ALL])
    said = f"{number(wall)} s the slowest, {number(median)} s the median"
    return [
        Aim("a live run of one vendor", f"{WALL} s", said, wall <= WALL),
        Aim("memory of a live run", f"{MEMORY:.0f} MB", f"{number(memory)} MB the largest", memory <= MEMORY),
        Aim("five live runs, share of schemathesis' time (all cases)", f"{SHARE}", number(share), share <= SHARE),
    ]
