"""The files that were given, and those in the folders that were given."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Sequence

from pollspec.errors import CaptureError

NAMED = re.compile(r"[^.].*\.(?:har|json|jsonl|ndjson)(?:\.(?:gz|zst))?", re.IGNORECASE)
"""What captures in a folder are called."""


def listed(given: Sequence[str]) -> tuple[list[str], int]:
    """The captures, each once, and how many other files the folders have. `-`: standard input."""
    found, others = list[str](), 0
    for name in given:
        path = pathlib.Path(name)
        if name == "-" or not path.is_dir():
            found.append(name)
            continue
        files = sorted(file for file in path.rglob("*") if file.is_file())
        inside = [str(file) for file in files if NAMED.fullmatch(file.name)]
        if not inside:
            raise CaptureError(f"{name} has no capture in it", "they are called *.har, *.jsonl, *.json, also .gz, .zst")
        found += inside
        others += len(files) - len(inside)
    once = {str(pathlib.Path(name).resolve()) if name != "-" else name: name for name in reversed(found)}
    return list(reversed(once.values())), others
