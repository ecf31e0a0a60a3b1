"""`pollspec proxy`: serves the proxy until it is told to end, then reports."""

from __future__ import annotations

import contextlib
import signal
import ssl
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click
from rich.console import Console

from ..errors import UsageError
from ..faults import Impolite, find
from ..reading import load
from ..serve import listening, server
from ..targetfile import check_url
from ..trial import selected
from .hearing import Hearing, of_traffic
from .herald import Herald
from .proxy import Proxy, direct
from .recording import Recording
from .summary import Conclusion, named

MOST = 20_000
"""Requests that are kept for judging."""
MOST_BYTES = 128 * 2**20
"""Bytes of bodies that are kept for judging."""
SWITCH = 0.0005
"""Seconds after which the thread that judges lets the one that passes on go on."""
FAREWELL = 2
"""Seconds that running requests have when the proxy is told to end."""


def serve(name: str, upstream: str, port: int, options: Mapping[str, Any], console: Console) -> int:
    """Pass on, judge, and report at the end (SIGINT, SIGTERM); the exit code."""
    vendor, upstream = load(name), check_url(upstream)
    conclusion = Conclusion(vendor, options, console)
    beliefs = selected(of_traffic(vendor), options["only"])
    fault = find(vendor, options["fault"]) if options["fault"] else None
    recording = Recording(vendor, upstream, options["base_path"], most=MOST, size=MOST_BYTES)
    herald = Herald(recording, beliefs, lambda line: click.echo(line, err=True))
    transport = direct(_trust(options["insecure"], options["ca"]))
    proxy = Proxy(recording, upstream, transport, heard=herald.wake)
    impolite = Impolite(proxy, vendor, fault, options["base_path"]) if fault else None
    with listening(port) as (sock, url):
        console.print(f"{vendor.slug}: a proxy at {url} for {upstream}; Ctrl-C ends it and reports", soft_wrap=True)
        sys.setswitchinterval(SWITCH)
        with _ends_with_a_report():
            quiet = {"log_level": "critical", "date_header": False, "ws": "none"}
            server(impolite or proxy, timeout_graceful_shutdown=FAREWELL, **quiet).run(sockets=[sock])
            herald.close()
            console.print(f"\n{recording.counted()}", markup=False, soft_wrap=True)
            if fault and impolite:
                console.print(f"{fault.id}: {impolite.done} answers were spoilt for the client", soft_wrap=True)
            console.print()
            words = ["pollspec proxy", named(vendor), "--upstream", upstream]
            return conclusion.give(Hearing(recording, beliefs), " ".join(words))


def _trust(insecure: bool, ca: str | None) -> ssl.SSLContext | bool:
    """Whose certificates the upstream may show."""
    if insecure:
        click.echo("pollspec: --insecure: whoever answers is believed to be the upstream", err=True)
        return False
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"--ca {ca}: no certificates can be read from it: {error}", "give a PEM file") from None


@contextlib.contextmanager
def _ends_with_a_report() -> Iterator[None]:
    """Signals end the serving, and not the report: uvicorn raises them again when it has ended."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
