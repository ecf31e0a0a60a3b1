"""Runs every tool on every document, and writes or checks the page."""

from __future__ import annotations

import argparse
import pathlib
from concurrent.futures import ThreadPoolExecutor

from pollspec import spec
from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from tests.outer.codegen.tools import TOOLS, Place

ROOT = pathlib.Path(__file__).resolve().parents[3]
HEAD = """\
# Models and clients in other languages

What other tools make of the five documents, written by `tox -e codegen` (npm and Java). `ok`: it is made without a
complaint, and its models take every printed answer, and what a selection of fields leaves of it; TypeScript is compiled
with `tsc --strict`. Java and Go are generated; they are not compiled, for their libraries are on neither PyPI nor npm.

"""


def cell(tool: str, place: Place) -> str:
    """What a tool makes of a document."""
    place.folder.mkdir(parents=True, exist_ok=True)
    try:
        return (TOOLS[tool](place) or "ok").replace("|", "\\|")
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:160]


def _place(vendor: Vendor, folder: pathlib.Path, npm: pathlib.Path) -> Place:
    return Place(vendor, ROOT / "spec" / f"{vendor.slug}.yaml", folder.resolve(), npm.resolve())


def main() -> int:
    """The exit code: 1 where a cell is not ok, or where the page is not as it would be written."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--npm", type=pathlib.Path, required=True)
    parser.add_argument("--page", type=pathlib.Path)
    parser.add_argument("--check", type=pathlib.Path)
    given = parser.parse_args()
    vendors = [load(name) for name in spec.names()]
    lines = ["| tool | " + " | ".join(one.slug for one in vendors) + " |", "|---|" + "---|" * len(vendors)]
    wrong = []
    with ThreadPoolExecutor(2) as pool:
        for number, tool in enumerate(TOOLS):
            places = [_place(one, given.folder / f"{one.slug}-{number}", given.npm) for one in vendors]
            cells = list(pool.map(lambda place, tool=tool: cell(tool, place), places))
            lines.append(f"| {tool} | " + " | ".join(cells) + " |")
            wrong += [f"{tool}: {v.slug}: {told}" for v, told in zip(vendors, cells, strict=True) if told != "ok"]
    page = HEAD + "\n".join(lines) + "\n"
    print("\n".join(lines))
    if given.page:
        given.page.write_text(page, encoding="utf-8")
    if given.check and given.check.read_text(encoding="utf-8") != page:
        wrong.append(f"{given.check} is not as it would be written: tox -e codegen -- --page docs/codegen.md")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
