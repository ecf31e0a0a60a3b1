"""Where a secret comes from: the environment, a file, a command. Each within bounds of time and length."""

from __future__ import annotations

import base64
import os
import pathlib
import re
import select
import shlex
import stat
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SECONDS = 60
"""That a command may take."""
LONGEST = 2**16
"""Bytes of a secret."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class NoSecret(Exception):
    """A source gave no secret; the text says why, without what the source printed."""


@dataclass(frozen=True)
class Source:
    """Where a text comes from, each time anew: `kind` is env, file or command. `prefix`: what stands before it."""

    kind: str
    name: str
    prefix: str = ""

    def __call__(self) -> str:
        """The text; NoSecret where there is none."""
        text = READERS[self.kind](self.name).strip()
        if not text:
            raise NoSecret("the command printed nothing" if self.kind == "command" else f"{self.name} is empty")
        return self.prefix + text


@dataclass(frozen=True)
class Basic:
    """The value of a Basic header (RFC 7617) from a user's name and password, each a text or its source."""

    username: str | Source
    password: str | Source = field(repr=False)

    def __call__(self) -> str:
        """The header's value; NoSecret where there is none."""
        username, password = (part() if isinstance(part, Source) else part for part in (self.username, self.password))
        if ":" in username or CONTROL.search(username + password):
            raise NoSecret("a user's name holds no colon, and neither it nor the password a control character")
        return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def usable(text: str) -> str:
    """A text that can be a header's value; NoSecret otherwise."""
    if len(text) > LONGEST or not all(character == "\t" or " " <= character <= "~" for character in text):
        raise NoSecret("it is more than one line of ASCII text")
    return text.strip()


def contents(path: pathlib.Path, most: int = LONGEST) -> str:
    """The text of a file; NoSecret, which says why, for a device or a pipe, and for more than `most` bytes."""
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            raise NoSecret(f"{path} is a device or a pipe, expected a file")
        with path.open("rb") as stream:
            raw = stream.read(most + 1)
    except OSError as error:
        raise NoSecret(f"{path} cannot be read: {error.strerror}") from None
    if len(raw) > most:
        raise NoSecret(f"{path} is longer than {most} bytes")
    return _decoded(raw, str(path))


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoSecret(f"{name} is no text in UTF-8") from None


def _variable(name: str) -> str:
    text = os.environ.get(name, "")
    if not text.strip():
        raise NoSecret(f"the environment has no {name}")
    return _decoded(os.fsencode(text), name)


def _printed(command: str) -> str:
    """What a command prints. It runs without a shell, and asks nobody anything."""
    try:
        words = shlex.split(command)
        null = subprocess.DEVNULL
        process = subprocess.Popen(words, stdin=null, stdout=subprocess.PIPE, stderr=null, bufsize=0)
    except (OSError, ValueError, IndexError) as error:
        raise NoSecret(f"the command cannot run ({type(error).__name__})") from None
    try:
        raw = _output(process, time.monotonic() + SECONDS)
    except subprocess.TimeoutExpired:
        raise NoSecret(f"the command did not end within {SECONDS} s") from None
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise NoSecret(f"the command ended with {process.returncode}")
    return _decoded(raw, "what the command printed")


def _output(process: subprocess.Popen[bytes], end: float) -> bytes:
    """What a process prints until it ends; TimeoutExpired where it does not end in time."""
    raw = b""
    assert process.stdout is not None
    with process.stdout as stream:
        while select.select([stream], [], [], max(0.0, end - time.monotonic()))[0]:
            chunk = stream.read(LONGEST)
            raw += chunk
            if not chunk:
                process.wait(max(0.0, end - time.monotonic()))
                return raw
            if len(raw) > LONGEST:
                raise NoSecret(f"the command printed more than {LONGEST} bytes")
    raise subprocess.TimeoutExpired(process.args, SECONDS)


READERS: Mapping[str, Callable[[str], str]] = {
    "env": _variable,
    "file": lambda name: contents(pathlib.Path(name)),
    "command": _printed,
}
