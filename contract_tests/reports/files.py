"""Reports written to files: atomically, one function per format."""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
from collections.abc import Callable

from ..errors import UsageError, nearest
from .report import Report


def as_json(report: Report) -> str:
    """The whole report as JSON."""
    return json.dumps(report.as_data(), indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {"json": as_json}


def parse(options: tuple[str, ...]) -> dict[pathlib.Path, str]:
    """`FORMAT=FILE` options as file -> format; UsageError for anything else."""
    files = {}
    for option in options:
        kind, _, name = option.partition("=")
        if kind not in FORMATS or not name:
            raise UsageError(f"--report {option!r}: expected FORMAT=FILE", nearest(kind, FORMATS))
        path = pathlib.Path(name)
        if not path.parent.is_dir():
            raise UsageError(f"--report {option!r}: there is no folder {path.parent}", f"mkdir -p {path.parent}")
        files[path] = kind
    return files


def write(report: Report, files: dict[pathlib.Path, str]) -> None:
    """Write each file whole or not at all."""
    for path, kind in files.items():
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(FORMATS[kind](report))
        pathlib.Path(name).replace(path)
