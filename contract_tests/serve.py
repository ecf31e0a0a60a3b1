"""`pollspec mock`: the polite server over real HTTP, with its test cards printed at the start."""

from __future__ import annotations

import contextlib
import json
import shlex
import socket
from collections.abc import Iterator
from typing import Any

import click
import uvicorn

from . import faults
from .errors import UsageError
from .grammar.expressions import parse
from .mock import Mock
from .reading import load
from .vendor import Vendor
from .wire.transports import Application


def serve(vendor: str, port: int, duration: float, polls: int | None, as_json: bool, fault: str | None = None) -> None:
    """Serve until interrupted."""
    view = load(vendor)
    wrong = faults.find(view, fault) if fault else None
    with listening(port) as (sock, url):
        text = json.dumps(cards(view, url), indent=2) if as_json else table(view, url)
        click.echo(text)
        application: Application = Mock(view, duration=duration, polls=polls)
        if wrong is not None:
            application = faults.Impolite(application, view, wrong)
        server(application).run(sockets=[sock])


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
    """A quiet server of an ASGI application, which adds no header of its own beyond `options` of uvicorn."""
    quiet = {"log_level": "warning", "access_log": False, "server_header": False, "lifespan": "off"}
    return uvicorn.Server(uvicorn.Config(application, **{**quiet, **options}))


def cards(vendor: Vendor, url: str) -> dict[str, Any]:
    """The address, the operations, the credentials and the subjects of a polite server."""
    return {
        "vendor": vendor.slug,
        "url": url,
        "operations": {o.id: f"{o.method} {url}{vendor.base_path}{o.path}" for o in vendor.operations.values()},
        "credentials": {
            name: {parse(text).name: value for text, value in headers.items()}
            for name, headers in vendor.credentials.items()
        },
        "subjects": {
            name: {
                "description": subject.description,
                "stages": list(subject.path),
                "given": {parse(text).name: value for text, value in subject.given.items()},
            }
            for name, subject in vendor.subjects.items()
        },
    }


def table(vendor: Vendor, url: str) -> str:
    """The same as text."""
    told = cards(vendor, url)
    lines = [f"{vendor.slug}: a polite server at {url}", ""]
    lines += [f"  {name:<28} {line}" for name, line in told["operations"].items()]
    lines += ["", "credentials"]
    for name, headers in told["credentials"].items():
        lines.append(
            f"  {name:<14} " + ("; ".join(f"{header}: {value}" for header, value in headers.items()) or "none needed")
        )
    lines += ["", "test cards"]
    for name, subject in told["subjects"].items():
        given = ", ".join(f"{key}={value}" for key, value in subject["given"].items())
        lines.append(f"  {name:<14} {given}")
        lines.append(f"  {'':<14} {subject['description']}")
    lines += [
        "",
        f"pollspec test {shlex.quote(vendor.document.typed)} {url}"
        + (" --allow-writes" if any(o.writes for o in vendor.operations.values()) else ""),
    ]
    return "\n".join(lines)
