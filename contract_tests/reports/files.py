"""Reports written to files: each whole or not at all, one module per format."""

from __future__ import annotations

import os
import pathlib
import sys
import tempfile
from collections.abc import Callable

from ..errors import UsageError, nearest
from . import html, json, junit, markdown, sarif
from .report import Report

Wanted = dict[pathlib.Path, str]
FORMATS: dict[str, Callable[[Report], str]] = {
    "html": html.text,
    "json": json.text,
    "junit": junit.text,
    "markdown": markdown.text,
    "sarif": sarif.text,
}


def parse(options: tuple[str, ...]) -> Wanted:
    """`FORMAT=FILE` options as file -> format; UsageError for anything else."""
    files: Wanted = {}
    for option in options:
        kind, _, name = option.partition("=")
        if kind not in FORMATS or not name:
            raise UsageError(f"--report {option!r}: expected FORMAT=FILE", nearest(kind, FORMATS))
        path = pathlib.Path(name)
        if not path.parent.is_dir():
            raise UsageError(f"--report {option!r}: there is no folder {path.parent}", f"mkdir -p {path.parent}")
        if path.is_dir():
            raise UsageError(f"--report {option!r}: {path} is a folder", f"--report {kind}={path}/report.{kind}")
        if files.get(path, kind) != kind:
            raise UsageError(f"--report {option!r}: {path} is to hold {files[path]} already", "give each its own file")
        files[path] = kind
    return files


def write(report: Report, files: Wanted) -> None:
    """Write each file whole or not at all; OSError where there is no place."""
    for path, kind in files.items():
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = pathlib.Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(FORMATS[kind](report))
            temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def deliver(report: Report, wanted: Wanted) -> None:
    """The files that were asked for, and the step summary where a pipeline has one."""
    for path, kind in wanted.items():
        try:
            write(report, {path: kind})
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {error.strerror}", "what was learnt is above; free the place and run again"
            ) from None
        print(f"report: {kind} in {path}", file=sys.stderr)
    if summary := os.environ.get(markdown.STEP_SUMMARY):
        try:
            with pathlib.Path(summary).open("a", encoding="utf-8") as stream:
                stream.write(markdown.text(report))
        except OSError as error:
            print(f"pollspec: the step summary {summary} cannot be written: {error.strerror}", file=sys.stderr)


def _umask() -> int:
    """The process' mask; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
