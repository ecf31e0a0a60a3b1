"""`pollspec mock`: the polite server over real HTTP, with its test cards printed at the start."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Any

import click
import uvicorn

from pollspec.document.loader import load
from pollspec.errors import UsageError
from pollspec.servers import faults, scenarios
from pollspec.servers.casting import with_cards
from pollspec.servers.clock import Clock
from pollspec.servers.control import Controlled
from pollspec.servers.polite import Mock
from pollspec.servers.testcards import cards as listed
from pollspec.servers.testcards import table


def serve(
    vendor: str,
    port: int,
    duration: float,
    polls: int | None,
    as_json: bool,
    fault: str | None = None,
    scenario: str | None = None,
    anyone: str | None = None,
    cards: Sequence[str] = (),
) -> None:
    """Serve until interrupted."""
    view, clock = with_cards(load(vendor), cards), Clock(time.monotonic)
    played = scenarios.find(view, scenario) if scenario else scenarios.AS_DOCUMENTED
    name = fault or played.fault
    wrong = faults.find(view, name) if name else None
    mock = Mock(view, clock, duration=duration, polls=polls, scenario=played, anyone=anyone)
    with listening(port) as (sock, url):
        text = json.dumps(listed(view, url), indent=2) if as_json else table(view, url)
        click.echo(text)
        if wrong is not None:
            click.echo(f"with one fault: {wrong.id}: {wrong.does} (breaks what is {wrong.belief.grade})", err=as_json)
        if scenario is not None:
            told = f"{played.name}: {played.description}" if played.description else played.name
            click.echo(f"plays the scenario {told}", err=as_json)
        application = mock if wrong is None else faults.Impolite(mock, view, wrong)
        server(Controlled(mock, clock, application), http="httptools").run(sockets=[sock])


@contextlib.contextmanager
def listening(port: int) -> Iterator[tuple[socket.socket, str]]:
    """A socket on loopback with its base URL; UsageError where the port is taken.

    It says that it is TCP: only then does asyncio switch off Nagle's algorithm, which costs 40 ms an answer.
    """
    with socket.socket(proto=socket.IPPROTO_TCP) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
            sock.listen()  # before the address is told, so that who reads it can connect at once
        except OSError as error:
            raise UsageError(f"port {port} cannot be used: {error.strerror}", "--port 0 takes a free one") from None
        yield sock, f"http://127.0.0.1:{sock.getsockname()[1]}"


def server(application: Any, **options: Any) -> uvicorn.Server:
    """A quiet server of an ASGI application, which adds no header of its own beyond `options` of uvicorn.

    It reads HTTP with h11, which is strict, whatever else is installed; `http`: with httptools, which is fast.
    """
    quiet = {"log_level": "warning", "access_log": False, "server_header": False, "proxy_headers": False}
    quiet |= {"lifespan": "off", "http": "h11"}
    return uvicorn.Server(uvicorn.Config(application, **{**quiet, **options}))
