"""Memory and time of `pollspec judge` for an archive of 100 MB, and for JSON Lines of two sizes."""

from __future__ import annotations

import pathlib

from tests.outer.bench import servers, traffic
from tests.outer.bench.figures import Aim, Section, number
from tests.outer.bench.processes import SCRIPTS, Ran, run

FEW, MANY, FACTOR, FLAT = 10_000, 100_000, 1.5, 1.1
"""Exchanges, the memory that is aimed at (times the size of a HAR), and what of growth still counts as flat."""
HOW = """\
`pollspec judge VENDOR FILE` of the vendor with the most beliefs, on files of its polite server's traffic: the whole
command, with its start, its reading and its report. MB are 10^6 bytes, resident at most."""
COLUMNS = ("file", "entries", "MB of it", "s", "s of processor", "entries/s", "MB", "MB/MB of it")


def measure(folder: pathlib.Path) -> Section:
    """Three files, one after another."""
    section = Section("A large archive", HOW, COLUMNS)
    vendor = max(servers.vendors(), key=lambda one: len(one.beliefs))
    files = [
        (traffic.json_lines(vendor, folder / "few.jsonl", FEW), FEW),
        (traffic.json_lines(vendor, folder / "many.jsonl", MANY), MANY),
        (traffic.archive(vendor, folder / "many.har", MANY), MANY),
    ]
    ran = [_judged(vendor.slug, path, folder) for path, _ in files]
    for (path, entries), one in zip(files, ran, strict=True):
        section.rows.append((path.suffix.lstrip("."), f"{entries:,}", *_figures(path, entries, one)))
        section.notes += [f"{path.name}: exit code {one.code}: {one.output[-300:]}"] if one.code else []
    few, many, har = (one.memory for one in ran)
    share = har / (files[2][0].stat().st_size / 1e6)
    section.aims = [
        Aim("memory for a HAR", f"{FACTOR} times its size", f"{number(share)} times", share <= FACTOR),
        Aim(
            "memory for JSON Lines",
            "flat",
            f"{number(few)} MB, ten times as many: {number(many)} MB",
            many < few * FLAT,
        ),
    ]
    for path, _ in files:
        path.unlink()
    return section


def _judged(name: str, path: pathlib.Path, folder: pathlib.Path) -> Ran:
    return run([str(SCRIPTS / "pollspec"), "judge", name, str(path)], folder)


def _figures(path: pathlib.Path, entries: int, ran: Ran) -> tuple[str, ...]:
    size = path.stat().st_size / 1e6
    figures = (size, ran.wall, ran.processor, entries / ran.wall, ran.memory, ran.memory / size)
    return tuple(map(number, figures))
