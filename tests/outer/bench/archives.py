"""Archives of three sizes, judged by one process and by two workers; faults in twenty instances, a worker killed."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

from pollspec.document.vendor import Vendor
from pollspec.servers.faults import find
from tests.outer.bench import servers, traffic
from tests.outer.bench.figures import Aim, Section, number
from tests.outer.bench.processes import SCRIPTS, Ran, run

NAME, FAULT = "keycard", "leaves-its-end:getTask/lifecycle/fails:failed"
SIZES, FILES, OFFENDERS = (10_000, 100_000, 1_000_000), 20, 20
BLOCK = 5_000
"""Exchanges that are made; the rest are the same at other servers."""
SORTED = 20_000
"""Exchanges a second that a worker sorts at least, of half of all."""
PATIENCE = 3_600.0
HOW = f"""\
`pollspec judge {NAME}` on {FILES} files of JSON Lines of the polite server's traffic, at so many servers that there are
about twenty exchanges of an instance, {OFFENDERS} of which have a fault: one process, and two workers of Dask
(`--jobs 2`), the whole command each time. MB are 10^6 bytes, resident at most, of the largest process. The last run
has one of its two workers killed while it judges. `found` counts the instances with a finding."""
COLUMNS = ("exchanges", "workers", "MB of them", "s", "exchanges/s", "MB", "found")
WIDTH = 50


def measure(folder: pathlib.Path) -> Section:
    """Each size, one after another; then a worker is killed."""
    section = Section("Archives", HOW, COLUMNS)
    vendor = next(one for one in servers.vendors() if one.slug == NAME)
    ran: dict[tuple[int, int], Ran] = {}
    reports: list[Any] = []
    for size in SIZES:
        files = _archive(vendor, folder / f"archive-{size}", size)
        for workers in (1, 2):
            ran[size, workers], report = _judged(files, workers, folder)
            section.rows.append(_row(size, str(workers), files, ran[size, workers], report))
            reports.append(report)
        if size == SIZES[-1]:
            killed, report = _judged(files, 2, folder, size / SORTED)
            section.rows.append(_row(size, "2, one killed", files, killed, report))
            reports.append(report)
        for file in files:
            file.unlink()
    section.profile = list(_chart(ran))
    section.aims = list(_aims(ran, reports))
    return section


def _archive(vendor: Vendor, folder: pathlib.Path, size: int) -> list[pathlib.Path]:
    """Files of so many exchanges: a block with the offenders in it, then copies of a polite one at other servers."""
    folder.mkdir(exist_ok=True)
    offending = traffic.Spoiling(find(vendor, FAULT), frozenset(range(OFFENDERS)))
    made = {True: _block(vendor, offending), False: _block(vendor, None)}
    for place in range(FILES):
        with (folder / f"{place:02}.jsonl").open("w", encoding="utf-8") as written:
            for copy in range(place, size // BLOCK, FILES):
                written.write(made[copy == 0].replace("//server-", f"//copy-{copy}-server-"))
    return sorted(file for file in folder.iterdir() if file.stat().st_size)


def _block(vendor: Vendor, spoiling: traffic.Spoiling | None) -> str:
    every = traffic.entries(vendor, spoiling)
    return "".join(f"{json.dumps(next(every))}\n" for _ in range(BLOCK))


def _judged(files: list[pathlib.Path], workers: int, folder: pathlib.Path, kill: float = 0) -> tuple[Ran, Any]:
    """`kill`: seconds that a worker is busy before it is killed; none is for 0."""
    report = folder / "archive.json"
    words = ["judge", NAME, *map(str, files), "--jobs", str(workers), "--report", f"json={report}"]
    killed: list[int] = []
    killer = threading.Thread(target=_kill_one, args=[os.getpid(), kill, killed], daemon=True)
    if kill:
        killer.start()
    ran = run([str(SCRIPTS / "pollspec"), *words], folder, PATIENCE)
    if ran.code not in {0, 1}:
        raise RuntimeError(ran.output[-1000:])
    if kill and not killed:
        raise RuntimeError("no worker was busy for long enough to be killed")
    data = json.loads(report.read_text(encoding="utf-8"))
    return ran, {**data, "began": ""}


def _kill_one(ancestor: int, after: float, killed: list[int]) -> None:
    """Kill the first worker that has been busy for so long: it is judging then; `killed` names it."""
    tick = threading.Event()
    while True:
        tick.wait(1)
        for pid, parent, command, busy in _processes():
            if "spawn_main" in command and busy > after and ancestor in _ancestors(parent):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return


def _processes() -> Iterator[tuple[int, int, str, float]]:
    """Process, its parent, its command, its seconds of the processor."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,cputimes=,args="], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        pid, parent, busy, command = line.split(None, 3)
        yield int(pid), int(parent), command, float(busy)


def _ancestors(pid: int) -> set[int]:
    parents = {one: parent for one, parent, _, _ in _processes()}
    found = set()
    while pid in parents and pid not in found:
        found.add(pid)
        pid = parents[pid]
    return found


def _row(size: int, workers: str, files: list[pathlib.Path], ran: Ran, report: Any) -> tuple[str, ...]:
    weight = sum(file.stat().st_size for file in files) / 1e6
    figures = (number(weight), number(ran.wall), number(size / ran.wall), number(ran.memory), str(_found(report)))
    return (f"{size:,}", workers, *figures)


def _found(report: Any) -> int:
    """How many instances have a finding."""
    traces = report["vendors"][NAME]["traces"]
    return sum(any(point["breaks"] for point in trace["points"]) for trace in traces)


def _chart(ran: dict[tuple[int, int], Ran]) -> Iterator[str]:
    """Bars: how many exchanges a second, and how much memory, by the size of the archive and the workers."""
    yield from _bars("exchanges/s", {key: key[0] / one.wall for key, one in ran.items()})
    yield from _bars("MB of the largest process", {key: one.memory for key, one in ran.items()})


def _bars(title: str, values: dict[tuple[int, int], float]) -> Iterator[str]:
    most = max(values.values())
    yield f"{title}, by exchanges x workers"
    for (size, workers), value in values.items():
        yield f"{size:>11,} x {workers} {'#' * max(1, round(WIDTH * value / most)):<{WIDTH}} {number(value)}"


def _aims(ran: dict[tuple[int, int], Ran], reports: list[Any]) -> Iterator[Aim]:
    few, many = ran[SIZES[-2], 1].memory, ran[SIZES[-1], 1].memory
    told = f"{number(few)} MB, ten times as many: {number(many)} MB"
    yield Aim("memory for an archive, by its instances", "far below its size", told, many < 3 * few)
    same = reports[-1] == reports[-2] == reports[-3]
    found = {_found(report) for report in reports}
    yield Aim("one process, two workers, one of them killed", "the same report", "it is" if same else "it is not", same)
    yield Aim("offenders found in an archive", str(OFFENDERS), str(sorted(found)), found == {OFFENDERS})
