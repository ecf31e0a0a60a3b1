"""`pollspec proxy`: serves the proxy until it is told to end, then reports."""

from __future__ import annotations

import contextlib
import shlex
import signal
import socket
import ssl
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import click
from rich.console import Console

from pollspec.document.loader import load
from pollspec.document.vendor import Belief
from pollspec.doors.conclusion import Conclusion, typed
from pollspec.doors.metrics import Counting, exposed
from pollspec.doors.proxy.proxy import Proxy, direct
from pollspec.doors.recording import Recording, of_traffic
from pollspec.errors import UsageError
from pollspec.judge.exchange import Exchange
from pollspec.judge.verdict import Finding
from pollspec.reports.texts import printable
from pollspec.servers.faults import Impolite, find
from pollspec.servers.serving import listening, server
from pollspec.trial.background import background
from pollspec.trial.selection import selected
from pollspec.trial.target import INSECURE
from pollspec.trial.wire.connections import Tls
from pollspec.trial.wire.transports import Application
from pollspec.trial.wire.urls import check_url

FAREWELL = 2
"""Seconds that running requests have when the proxy is told to end."""


def serve(name: str, upstream: str | None, port: int, options: Mapping[str, Any], console: Console) -> int:
    """Pass on, judge, and report at the end (SIGINT, SIGTERM); the exit code."""
    found = background(load(name), options["target_file"], options["product_version"])
    vendor = found.vendor
    conclusion = Conclusion(vendor.beliefs, options)
    beliefs = selected(of_traffic(vendor), options["only"])
    fault = find(vendor, options["fault"]) if options["fault"] else None
    if not upstream and not found.url:
        raise UsageError("there is no server to pass on to", f"pollspec proxy {name} --upstream URL, or --target FILE")
    upstream = check_url(upstream) if upstream else found.url
    recording = Telling(vendor, beliefs, upstream, options["base_path"], found.settings, found.version)
    recording.masks.include(found.masks)
    proxy = Proxy(recording, upstream, direct(_trust(found.tls, options["insecure"])))
    proxy.complete = not found.tls.cert
    impolite = Impolite(proxy, vendor, fault, options["base_path"]) if fault else None
    metrics = exposed(options["metrics"], vendor, recording.judged, lambda text: console.print(text, soft_wrap=True))
    with listening(port) as (sock, url), _ends_with_a_report(), metrics as recording.counting:
        console.print(f"{vendor.slug}: a proxy at {url} for {upstream}; Ctrl-C ends it and reports", soft_wrap=True)
        _run(impolite or proxy, sock)
        console.print(f"\n{recording.counted()}", markup=False, soft_wrap=True)
        if fault and impolite:
            console.print(f"{fault.id}: {impolite.done} answers were spoilt for the client", soft_wrap=True)
        console.print()
        given = typed(options, "base_path", "target_file", "insecure", "product_version")
        words = ["pollspec proxy", shlex.quote(vendor.document.typed), "--upstream", upstream, *given]
        return conclusion.give(conclusion.of_traffic(recording, " ".join(words)), console)


class Telling(Recording):
    """A recording that tells each belief's first finding at once, and again when there are ten times as many."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.announced: Counter[str] = Counter()
        self.counting: Counting = lambda exchange: None

    def enter(self, exchange: Exchange) -> list[tuple[Belief, Finding]]:
        """Judge an exchange; say what is new."""
        fresh = super().enter(exchange)
        self.counting(exchange)
        for belief, finding in fresh:
            self.announced[belief.id] += 1
            if str(self.announced[belief.id]).strip("0") == "1":
                click.echo(self._line(belief, finding, self.announced[belief.id]), err=True)
        return fresh

    def _line(self, belief: Belief, finding: Finding, number: int) -> str:
        times = f", {number} times" if number > 1 else ""
        text = f"expected {finding.expected}, actual {finding.actual} (request {finding.at.number + 1}{times})"
        mark = "x" if belief.grade == "source" and not finding.alternative else "~"
        return " ".join(printable(self.masks.mask(f"{mark} {belief.id}  {text}")).split())


def _run(application: Application, sock: socket.socket) -> None:
    """Serve until a signal."""
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
