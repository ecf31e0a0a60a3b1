"""Exchanges judged a second, each vendor's, beside openapi-core, which validates their bodies only."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import venv
from typing import Any

from tests.outer.bench import servers, traffic
from tests.outer.bench.figures import Aim, Section, number
from tests.outer.bench.processes import ROOT, run

NUMBER, TIMES, FACTOR = 10_000, 3, 10.0
"""Exchanges of each vendor, how often they are judged (the fastest counts), and the ratio that is aimed at."""
CORE = ["openapi-core>=0.23,<0.24", "PyYAML>=6,<7"]
"""In an environment of their own: openapi-core wants an older openapi-spec-validator than pollspec."""
HOW = f"""\
{NUMBER:,} exchanges that the polite server of each vendor has made, from one file of JSON Lines; each judge is a
process of its own, reads them first, and is then timed: the fastest of three, in seconds of the processor (others'
processes count less in them than on the wall). pollspec holds each exchange to every belief that traffic can keep.
openapi-core finds the operation and validates the body alone (`V31ResponseDataValidator`); an answer whose status the
document does not have it gives up early, which makes it faster."""
JUDGED = [sys.executable, "-m", "tests.outer.bench.judged"]
COLUMNS = ("vendor", "beliefs", "pollspec /s", "openapi-core /s", "ratio")


def measure(folder: pathlib.Path) -> Section:
    """Every vendor; openapi-core's part is left out where it cannot be installed."""
    section, ratios = Section("The judge", HOW, COLUMNS), list[float]()
    core = _environment(folder, section)
    for vendor in servers.vendors():
        path = str(traffic.json_lines(vendor, folder / f"{vendor.slug}.jsonl", NUMBER))
        ours = _best([*JUDGED, vendor.slug, path])
        theirs = core and _best([core, str(_script()), str(servers.document(vendor)), path])
        ratio = theirs["processor"] / ours["processor"] if theirs else 0.0
        ratios += [ratio] if theirs else []
        rates = (_rate(ours), _rate(theirs) if theirs else "-")
        section.rows.append((vendor.slug, str(ours["beliefs"]), *rates, number(ratio) if theirs else "-"))
        section.notes += [f"{vendor.slug}: {ours['wrong']} beliefs were found broken."] if ours["wrong"] else []
        if theirs and theirs["failed"]:
            failed = ", ".join(f"{count:,} {name}" for name, count in theirs["failed"].items())
            section.notes.append(f"{vendor.slug}: openapi-core objects to some: {failed}.")
    _profile(section, max(servers.vendors(), key=lambda one: len(one.beliefs)).slug, folder)
    section.aims = [_aim(ratios)]
    return section


def _profile(section: Section, name: str, folder: pathlib.Path) -> None:
    """What the judge's time goes into, for one vendor."""
    section.notes.append(f"Where the judge's time goes ({name}, cProfile, which makes calls dearer than they are):")
    section.profile = _of([*JUDGED, name, str(folder / f"{name}.jsonl"), "profile"]).splitlines()


def _script() -> pathlib.Path:
    return pathlib.Path(__file__).with_name("validated.py")


def _best(command: list[str]) -> dict[str, Any]:
    """What the fastest of several runs says of itself."""
    found = [json.loads(_of(command)) for _ in range(TIMES)]
    return dict(min(found, key=lambda one: one["processor"]))


def _of(command: list[str]) -> str:
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)}: {ended.stderr[-500:]}")
    return ended.stdout


def _rate(took: dict[str, Any]) -> str:
    return number(took["exchanges"] / took["processor"])


def _environment(folder: pathlib.Path, section: Section) -> str:
    """The Python of an environment with openapi-core; "" where it cannot be made, which the section says."""
    home = folder / "openapi-core"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    made = run([str(python), "-m", "pip", "install", "--quiet", *CORE], folder)
    if made.code:
        section.notes.append(f"openapi-core could not be installed: {made.output.strip()[-300:]}")
        return ""
    return str(python)


def _aim(ratios: list[float]) -> Aim:
    said = f"{number(min(ratios))} to {number(max(ratios))} times" if ratios else "-"
    return Aim("the judge", f"{FACTOR:.0f} times openapi-core", said, min(ratios) >= FACTOR if ratios else None)
