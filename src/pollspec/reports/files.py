"""Reports written to files: each whole or not at all, one module per format.

A link is followed: the file that it leads to is replaced, with its mode, and the link stays. What is no regular file
(a device, a pipe, what standard output or error leads to) is written to once, when the run is over.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import stat
import sys
import tempfile
from collections.abc import Callable

from pollspec.errors import UsageError, nearest
from pollspec.reports import html, json, junit, markdown, sarif
from pollspec.reports.report import Report
from pollspec.reports.texts import printed

Wanted = dict[pathlib.Path, str]
FORMATS: dict[str, Callable[[Report], str]] = {
    "html": html.text,
    "json": json.text,
    "junit": junit.text,
    "markdown": markdown.text,
    "sarif": sarif.text,
}


def parse(options: tuple[str, ...]) -> Wanted:
    """`FORMAT=FILE` options as file -> format; UsageError for anything else, and where two lead to one file."""
    files: Wanted = {}
    taken: dict[object, pathlib.Path] = {}
    for option in options:
        kind, _, name = option.partition("=")
        if kind not in FORMATS or not name:
            raise UsageError(f"--report {option!r}: expected FORMAT=FILE", nearest(kind, FORMATS))
        path = pathlib.Path(name)
        place = _place(option, kind, path)
        if place in taken:
            said = f"{path} is to hold {files[taken[place]]} already"
            said += "" if taken[place] == path else f", as {taken[place]}"
            raise UsageError(f"--report {option!r}: {said}", "give each its own file")
        files[path] = kind
        if place:
            taken[place] = path
    return files


def _place(option: str, kind: str, path: pathlib.Path) -> object:
    """Which file a path leads to, however it is spelled; None for a device, which takes several reports."""
    folder = pathlib.Path(os.path.realpath(path)).parent
    try:
        found = path.stat()
    except FileNotFoundError:
        found = None
    except OSError as error:
        raise UsageError(f"--report {option!r}: {path}: {error.strerror}", f"--report {kind}=report.{kind}") from None
    if found is None and not folder.is_dir():
        raise UsageError(f"--report {option!r}: there is no folder {folder}", f"mkdir -p {folder}")
    if found is None:
        return os.path.realpath(path)
    if stat.S_ISDIR(found.st_mode):
        raise UsageError(f"--report {option!r}: {path} is a folder", f"--report {kind}={path}/report.{kind}")
    return None if stat.S_ISCHR(found.st_mode) else (found.st_dev, found.st_ino)


def write(report: Report, files: Wanted, over: bool = True) -> None:
    """Write each file whole or not at all; OSError where there is no place. `over`: also to what is no regular file."""
    report = printed(report)
    for path, kind in files.items():
        stream = _stream(path)
        if stream is None:
            replace(pathlib.Path(os.path.realpath(path)), _content(report, kind))
        elif over:
            _write_through(stream, _content(report, kind))


def _content(report: Report, kind: str) -> bytes:
    return FORMATS[kind](report).encode("utf-8", "backslashreplace")


def _stream(path: pathlib.Path) -> int | pathlib.Path | None:
    """What is written to where it stands: one of our own outputs (1, 2), or no regular file; None for a file."""
    if not path.exists():
        return None
    for output in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(path.stat(), os.fstat(output)):
                return output
    return None if path.is_file() else path


def replace(path: pathlib.Path, content: bytes) -> None:
    """Write a file whole or not at all, with the mode that it had."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".pollspec-")
    temporary = pathlib.Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        if path.exists():
            before = path.stat()
            with contextlib.suppress(PermissionError):
                os.chown(temporary, before.st_uid, before.st_gid)  # root writes into others' folders, too
            temporary.chmod(before.st_mode & 0o777)
        else:
            temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_through(stream: int | pathlib.Path, content: bytes) -> None:
    """Nobody is waited for: a pipe that no one reads is an error; one that is read no further is not."""
    if isinstance(stream, int):
        sys.stdout.flush()
        handle = os.dup(stream)
    else:
        handle = os.open(stream, os.O_WRONLY | os.O_NONBLOCK)
        os.set_blocking(handle, True)
    with contextlib.suppress(BrokenPipeError), os.fdopen(handle, "wb", buffering=0) as output:
        while content:
            content = content[output.write(content) :]


def deliver(report: Report, wanted: Wanted) -> list[str]:
    """The files that were asked for, and the step summary where a pipeline has one; what could not be written."""
    lost = []
    for path, kind in wanted.items():
        try:
            write(report, {path: kind})
        except OSError as error:
            why = "nobody reads it" if error.errno == errno.ENXIO else error.strerror
            lost.append(f"the {kind} report {path} cannot be written: {why}")
        else:
            print(f"report: {kind} in {path}", file=sys.stderr)
    if summary := os.environ.get(markdown.STEP_SUMMARY):
        try:
            with pathlib.Path(summary).open("ab") as stream:
                stream.write(_content(printed(report), "markdown"))
        except OSError as error:
            print(f"pollspec: the step summary {summary} cannot be written: {error.strerror}", file=sys.stderr)
    return lost


def _umask() -> int:
    """The process' mask; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
