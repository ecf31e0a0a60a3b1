"""What a proxy or a watch has seen, for Prometheus, which asks for it as often as it likes.

Labels are names of the document alone (operations, beliefs), outcomes and classes of statuses, so that their number is
bounded, whatever passes; nothing that was sent or answered is among them.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError
from pollspec.judge.exchange import Exchange
from pollspec.judge.verdict import Outcome, Verdict

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Bounds of the histogram of latencies."""
CLASSES = ("2xx", "3xx", "4xx", "5xx", "none", "other")
"""Of statuses; none: there was no answer."""

Counting = Callable[[Exchange], None]
Verdicts = Callable[[], Mapping[str, Verdict]]


class Metrics:
    """Counts exchanges as they come; what became of the beliefs is asked for when somebody looks."""

    def __init__(self, client: Any, vendor: Vendor, verdicts: Verdicts) -> None:
        self.vendor, self.registry = vendor, client.CollectorRegistry()
        self._client, self._verdicts = client, verdicts
        given = {"namespace": "pollspec", "registry": self.registry}
        self._requests = client.Counter("requests", "Requests by status.", ["operation", "status"], **given)
        self._polls = client.Counter("polls", "Requests that ask how far it is.", ["operation"], **given)
        self._seconds = client.Histogram(
            "request_seconds", "Seconds to the end of an answer.", ["operation"], buckets=SECONDS, **given
        )
        for operation in vendor.operations:
            self._seconds.labels(operation)
            if vendor.view_of(operation) is not None:
                self._polls.labels(operation)
            for status in CLASSES:
                self._requests.labels(operation, status)
        self.registry.register(self)

    def heard(self, exchange: Exchange) -> None:
        """Count an exchange."""
        operation = exchange.operation
        self._requests.labels(operation, _class(exchange)).inc()
        if self.vendor.view_of(operation) is not None:
            self._polls.labels(operation).inc()
        if exchange.answer is not None:
            self._seconds.labels(operation).observe(exchange.end - exchange.start)

    def describe(self) -> list[Any]:
        """Nothing is asked of the beliefs before somebody looks."""
        return []

    def collect(self) -> Iterator[Any]:
        """What became of each belief until now."""
        kinds = self._client.metrics_core
        outcomes = kinds.GaugeMetricFamily(
            "pollspec_verdict", "1 for what has become of a belief.", labels=["belief", "outcome"]
        )
        tried = kinds.CounterMetricFamily("pollspec_tried", "Trials of a belief.", labels=["belief"])
        findings = kinds.CounterMetricFamily("pollspec_findings", "Findings of it.", labels=["belief", "grade"])
        for name, verdict in self._verdicts().items():
            for outcome in Outcome:
                outcomes.add_metric([name, outcome.value], float(verdict.outcome is outcome))
            tried.add_metric([name], verdict.tried)
            findings.add_metric([name, verdict.belief.grade], verdict.count)
        yield from (outcomes, tried, findings)


def _class(exchange: Exchange) -> str:
    name = f"{exchange.status // 100}xx" if exchange.answer else "none"
    return name if name in CLASSES else "other"


@contextlib.contextmanager
def exposed(place: str | None, vendor: Vendor, verdicts: Verdicts, tell: Callable[[str], None]) -> Iterator[Counting]:
    """Serve metrics at `[HOST:]PORT` (loopback; port 0: a free one) while the block runs; what counts exchanges."""
    if place is None:
        yield lambda exchange: None
        return
    try:
        client = importlib.import_module("prometheus_client")
    except ImportError:
        hint = "pip install 'pollspec[metrics]', or leave it out"
        raise UsageError("--metrics needs prometheus-client, which is not installed", hint) from None
    metrics = Metrics(client, vendor, verdicts)
    host, port = _place(place)
    try:
        server, thread = client.start_http_server(port, host, metrics.registry)
    except OSError as error:
        raise UsageError(f"--metrics {place!r}: {error.strerror}", "give another port, or 0 for a free one") from None
    try:
        tell(f"metrics at http://{host}:{server.server_port}/metrics")
        yield metrics.heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise UsageError(f"--metrics {text!r}: expected a port, or HOST:PORT", "--metrics 9464")
    return host.strip("[]") or "127.0.0.1", int(port)
