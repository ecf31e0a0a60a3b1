"""`pollspec proxy`: serves the proxy until it is told to end, then reports."""

from __future__ import annotations

import contextlib
import shlex
import signal
import socket
import ssl
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import click
from rich.console import Console

from ..errors import UsageError
from ..faults import Impolite, find
from ..reading import load
from ..serve import listening, server
from ..target import INSECURE
from ..trial import selected
from ..wire.connections import Tls
from ..wire.transports import Application
from ..wire.urls import check_url
from .hearing import Hearing, of_traffic
from .herald import Herald
from .known import read_known
from .proxy import Proxy, direct
from .recording import Recording
from .summary import Conclusion, typed

MOST = 20_000
"""Requests that are kept for judging."""
MOST_BYTES = 128 * 2**20
"""Bytes of bodies that are kept for judging."""
SWITCH = 0.0005
"""Seconds after which the thread that judges lets the one that passes on go on."""
FAREWELL = 2
"""Seconds that running requests have when the proxy is told to end."""


def serve(name: str, upstream: str | None, port: int, options: Mapping[str, Any], console: Console) -> int:
    """Pass on, judge, and report at the end (SIGINT, SIGTERM); the exit code."""
    vendor = load(name)
    conclusion = Conclusion(vendor, options, console)
    beliefs = selected(of_traffic(vendor), options["only"])
    fault = find(vendor, options["fault"]) if options["fault"] else None
    known = read_known(vendor, options)
    if not upstream and not known.url:
        raise UsageError("there is no server to pass on to", f"pollspec proxy {name} --upstream URL, or --target FILE")
    upstream = check_url(upstream) if upstream else known.url
    recording = Recording(vendor, upstream, options["base_path"], known.settings, most=MOST, size=MOST_BYTES)
    known.tell(recording)
    herald = Herald(recording, beliefs, lambda line: click.echo(line, err=True))
    proxy = Proxy(recording, upstream, direct(_trust(known.tls, options["insecure"])), heard=herald.wake)
    proxy.told = not known.tls.cert
    impolite = Impolite(proxy, vendor, fault, options["base_path"]) if fault else None
    with listening(port) as (sock, url), _ends_with_a_report():
        console.print(f"{vendor.slug}: a proxy at {url} for {upstream}; Ctrl-C ends it and reports", soft_wrap=True)
        _run(impolite or proxy, sock)
        herald.close()
        console.print(f"\n{recording.counted()}", markup=False, soft_wrap=True)
        if fault and impolite:
            console.print(f"{fault.id}: {impolite.done} answers were spoilt for the client", soft_wrap=True)
        console.print()
        given = typed(options, "base_path", "target_file", "insecure", "product_version")
        words = ["pollspec proxy", shlex.quote(vendor.document.typed), "--upstream", upstream, *given]
        return conclusion.give(Hearing(recording, beliefs), " ".join(words))


def _run(application: Application, sock: socket.socket) -> None:
    """Serve until a signal."""
    sys.setswitchinterval(SWITCH)
    options = {"log_level": "critical", "date_header": False, "ws": "none"}
    server(application, timeout_graceful_shutdown=FAREWELL, **options).run(sockets=[sock])


def _trust(tls: Tls, insecure: bool) -> ssl.SSLContext:
    """Whose certificates the upstream may show, and which we show it."""
    tls = replace(tls, verify=False) if insecure else tls
    if tls.verify is False:
        click.echo(f"pollspec: {INSECURE}", err=True)
    try:
        return tls.context()
    except OSError as error:
        raise UsageError(f"the certificates of the target file cannot be read: {error}", "give PEM files") from None


@contextlib.contextmanager
def _ends_with_a_report() -> Iterator[None]:
    """Signals end the serving, and not the report: uvicorn raises them again when it has ended."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
