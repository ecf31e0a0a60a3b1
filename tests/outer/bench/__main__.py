"""Measures everything, or what is named; prints it, and writes it to docs/bench.md in place of what that had."""

from __future__ import annotations

import argparse
import pathlib

from tests.outer.bench import archives, judging, live, machine, memory, passing, serving, starting
from tests.outer.bench.figures import page
from tests.outer.bench.processes import ROOT

MEASURES = {
    "live": live.measure,
    "judging": judging.measure,
    "memory": memory.measure,
    "archives": archives.measure,
    "serving": serving.measure,
    "passing": passing.measure,
    "starting": starting.measure,
}
HEAD = """\
# What it costs

Written by `tox -e bench`, which measures one thing after another, on loopback; `tox -e bench -- NAME` measures one of
them. Times differ from machine to machine and with what else runs on it; ratios hold better. Nothing here makes a test
pass or fail.
"""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="tox -e bench --", description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="for files that are made on the way")
    parser.add_argument("measures", nargs="*", help=f"some of {', '.join(MEASURES)} (all)")
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    head, written = "\n".join([HEAD, *machine.lines(), ""]), ROOT / "docs" / "bench.md"
    print(head, flush=True)
    for name in given.measures or MEASURES:
        section = MEASURES[name](folder)
        print("\n".join(section.markdown()), flush=True)
        before = written.read_text(encoding="utf-8") if written.exists() else ""
        written.write_text(page(head, [section], before), encoding="utf-8")


if __name__ == "__main__":
    main()
