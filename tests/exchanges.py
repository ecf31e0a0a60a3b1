"""Exchanges made by hand, for the judge alone: no server, no clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import judge
from pollspec.judge.verdict import Outcome, Verdict
from pollspec.trial.request import build
from pollspec.trial.target import LEFT_OUT
from pollspec.trial.wire.transports import Application, Embedded

TOOK = 0.1
"""Seconds that an answer takes, where a test does not say."""


class Talk:
    """Exchanges with one target. Each begins a second after the one before has ended, where a test does not say."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.exchanges: list[Exchange] = []
        self.now = 0.0

    def say(
        self,
        operation: str,
        body: Any,
        status: int = 200,
        *,
        values: Mapping[str, Any] | None = None,
        sends: Any = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        flaw: str = "",
        at: float | None = None,
        took: float = TOOK,
        at_path: str = "",
        **more: Any,
    ) -> Exchange:
        """One exchange. `values`: runtime expression -> value of the request; `sends`: its body; `status` 0: lost."""
        signed = self.vendor.credentials.get(more.get("credential", "default"), {})
        asked = {**signed, **(values or {})}
        request = build(self.vendor, self.vendor.operations[operation], asked, sends)
        request = replace(request, target=at_path or request.target)
        request = replace(request, headers=tuple(h for h in request.headers if h[1] != LEFT_OUT))
        raw = json.dumps(body).encode() if content is None else content
        told = {"Content-Type": "application/json", **(headers or {})}
        answer = Answer(status, tuple(told.items()), raw, flaw) if status else None
        start = self.now if at is None else at
        exchange = Exchange(request, answer, start, start + took, number=len(self.exchanges), **more)
        self.exchanges.append(exchange)
        self.now = max(self.now, exchange.end + 1)
        return exchange

    def verdict(self, belief: str) -> Verdict:
        """The judge's verdict on one belief, by its id without the vendor."""
        wanted = [known for known in self.vendor.beliefs if known.id == f"{self.vendor.slug}/{belief}"]
        assert wanted, belief
        return judge(self.vendor, self.exchanges, wanted)[0]

    def outcome(self, belief: str) -> Outcome:
        """The outcome alone."""
        return self.verdict(belief).outcome


def ask(application: Application, path: str, headers: Mapping[str, str]) -> Answer:
    """The answer of an ASGI application to one GET."""
    door = Embedded(lambda: application)
    try:
        return door.send(Request("", "GET", path, headers=tuple(headers.items())))
    finally:
        door.close()
