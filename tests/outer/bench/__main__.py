"""Measures everything, or what is named; prints it. Where nothing is named, docs/bench.md is written as well."""

from __future__ import annotations

import argparse
import pathlib

from tests.outer.bench import archives, judging, live, machine, memory, passing, serving, starting
from tests.outer.bench.figures import table_of_aims
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

Written by `tox -e bench`, which measures all of this in one run, one process after another, on loopback. Times differ
from machine to machine and with what else runs on it; ratios hold better. Nothing here makes a test pass or fail.
"""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="tox -e bench --", description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="for files that are made on the way")
    parser.add_argument("measures", nargs="*", help=f"some of {', '.join(MEASURES)} (all)")
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    head, sections = [HEAD, *machine.lines(), ""], []
    print("\n".join(head), flush=True)
    for name in given.measures or MEASURES:
        sections.append(MEASURES[name](folder))
        print("\n".join(sections[-1].markdown()), flush=True)
    print("\n".join(table_of_aims(sections)))
    if not given.measures:
        written = [*head, *table_of_aims(sections), *(line for one in sections for line in one.markdown())]
        (ROOT / "docs" / "bench.md").write_text("\n".join(written).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
