"""ASGI applications and scripted servers on 127.0.0.1, each on a free port and ended with its test."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from tests.rawserver import RawServer

PATIENCE = 20.0
"""Seconds after which a test gives up waiting; none waits that long unless something is broken."""


@contextlib.contextmanager
def served(application: Any, **options: Any) -> Iterator[str]:
    """The base URL of an application that is served by uvicorn, with further options of it, while the block runs."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(
            application,
            log_level="critical",
            lifespan="off",
            server_header=False,
            date_header=False,
            http="h11",
            timeout_graceful_shutdown=1,
            **options,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        try:
            yield f"{'https' if options else 'http'}://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


@contextlib.contextmanager
def scripted(script: Callable[[socket.socket], None]) -> Iterator[str]:
    """The base URL of a server that lets `script` have each connection, raw."""
    with RawServer(lambda connection: script(connection.sock)) as server:
        yield server.url


def head(connection: socket.socket) -> bytes:
    """A message's start line and headers, with the empty line; what follows of its body stays unread."""
    read = b""
    while not read.endswith(b"\r\n\r\n"):
        part = connection.recv(1)
        if not part:
            raise ConnectionError(f"the connection ended after {read!r}")
        read += part
    return read


def until(true: Callable[[], bool]) -> None:
    """Wait for another thread to get there; a test that waits in vain fails at its next assertion."""
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        threading.Event().wait(0.005)


def to_the_end(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)
