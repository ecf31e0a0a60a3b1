"""What it takes to start: the command, and what it imports."""

from __future__ import annotations

import pathlib
import statistics
import sys

from tests.outer.bench.figures import Aim, Section, number
from tests.outer.bench.processes import SCRIPTS, run

TIMES, AIM = 11, 0.2
POLLSPEC = str(SCRIPTS / "pollspec")
COMMANDS = {
    "`python -c pass`": [sys.executable, "-c", "pass"],
    "`pollspec --help`": [POLLSPEC, "--help"],
    "`pollspec test --help`": [POLLSPEC, "test", "--help"],
    "`pollspec beliefs keycard`": [POLLSPEC, "beliefs", "keycard"],
    "`import pollspec.document.loader`": [sys.executable, "-c", "import pollspec.document.loader"],
    "`import pollspec.judge.judge`": [sys.executable, "-c", "import pollspec.judge.judge"],
    "`import pollspec.doors.clients`": [sys.executable, "-c", "import pollspec.doors.clients"],
    "`import schemathesis`": [sys.executable, "-c", "import schemathesis"],
}


def measure(folder: pathlib.Path) -> Section:
    """Each of the commands."""
    how = f"Each {TIMES} times, after one that filled the caches: from its start to its end."
    section = Section("Starting", how, ("what", "median s", "fastest s", "s of processor", "MB"))
    for name, command in COMMANDS.items():
        run(command, folder)
        ran = [run(command, folder) for _ in range(TIMES)]
        median = statistics.median(one.wall for one in ran)
        processor = statistics.median(one.processor for one in ran)
        figures = (median, min(one.wall for one in ran), processor, max(one.memory for one in ran))
        section.rows.append((name, *map(number, figures)))
        if command == COMMANDS["`pollspec --help`"]:
            section.aims.append(Aim(name, f"{AIM} s", f"{number(median)} s", median < AIM))
    return section
