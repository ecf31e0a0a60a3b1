"""The servers that are asked, each a process on loopback, and what they are asked."""

from __future__ import annotations

import contextlib
import pathlib
import re
import selectors
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO

from pollspec import spec
from pollspec.document.loader import load
from pollspec.document.messages import Request
from pollspec.document.vendor import Vendor
from tests.outer.bench.processes import ROOT, SCRIPTS, running
from tests.outer.bench.traffic import asked

URL = re.compile(r"http://127\.0\.0\.1:\d+")
COMING = 30.0
"""Seconds that a server has to come up."""


def vendors() -> list[Vendor]:
    """Every vendor."""
    return [load(name) for name in spec.names()]


def document(vendor: Vendor) -> pathlib.Path:
    """A vendor's document."""
    return ROOT / "spec" / f"{vendor.slug}.yaml"


def question(vendor: Vendor) -> Request:
    """A request about the first test card, with all of its path."""
    first = bare_question(vendor)
    return replace(first, target=f"{vendor.base_path}{first.target}")


def bare_question(vendor: Vendor) -> Request:
    """The same without what stands before the document's paths; Prism serves those alone."""
    return asked(vendor)[0]


@contextlib.contextmanager
def mock(vendor: Vendor, duration: float, folder: pathlib.Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of `pollspec mock`, and its process."""
    command = [str(SCRIPTS / "pollspec"), "mock", vendor.slug, "--duration", str(duration)]
    with _serving(command, folder) as served:
        yield served


@contextlib.contextmanager
def proxy(vendor: Vendor, upstream: str, folder: pathlib.Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of `pollspec proxy`, and its process."""
    command = [str(SCRIPTS / "pollspec"), "proxy", vendor.slug, "--upstream", upstream]
    with _serving(command, folder) as served:
        yield served


@contextlib.contextmanager
def prism(vendor: Vendor, command: pathlib.Path, folder: pathlib.Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of `prism mock` (its answers are the document's examples), and its process."""
    port = free_port()
    words = [str(command), "mock", "--host", "127.0.0.1", "--port", str(port), "--verboseLevel", "silent"]
    with running([*words, str(document(vendor))], folder) as child:
        _wait(port)
        yield f"http://127.0.0.1:{port}", child


@contextlib.contextmanager
def _serving(command: Sequence[str], folder: pathlib.Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server that prints its address in its first line."""
    with running(command, folder) as child:
        assert child.stdout
        found = URL.search(_first_line(child.stdout))
        assert found, f"{' '.join(command)}: {(folder / 'errors.txt').read_text(encoding='utf-8')}"
        yield found[0], child


def _first_line(output: IO[str]) -> str:
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        return output.readline() if selector.select(COMING) else ""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _wait(port: int) -> None:
    """Until somebody listens; TimeoutError where nobody does."""
    end = time.monotonic() + COMING
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        selectors.SelectSelector().select(0.05)
    raise TimeoutError(f"nobody listens on port {port}")
