"""Legal variations that only a socket shows: chunked answers, and a connection closed after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pollspec import spec
from pollspec.judge.verdict import Outcome
from pollspec.servers.polite import Mock
from pollspec.trial.selection import Plan
from pollspec.trial.target import Polls, cards, live
from pollspec.trial.trial import Trial
from pollspec.trial.wire.transports import Application
from tests.conftest import verdicts, view
from tests.serving import served


def chunked(application: Application) -> Application:
    """The same answers in two pieces, without a length."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def pieces(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = [(name, value) for name, value in message["headers"] if name != b"content-length"]
                await send({**message, "headers": headers})
            else:
                body = message.get("body", b"")
                await send({"type": "http.response.body", "body": body[:7], "more_body": True})
                await send({"type": "http.response.body", "body": body[7:]})

        await application(scope, receive, pieces)

    return answer


def closing(application: Application) -> Application:
    """The same answers, each the last of its connection."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def last(message: dict[str, Any]) -> None:
            more = [(b"connection", b"close")] if message["type"] == "http.response.start" else []
            await send({**message, "headers": [*message["headers"], *more]} if more else message)

        await application(scope, receive, last)

    return answer


@pytest.mark.parametrize("form", [chunked, closing])
@pytest.mark.parametrize("name", spec.names())
def test_not_slandered(name: str, form: Callable[[Application], Application]) -> None:
    """Every belief is kept over such a connection."""
    vendor = view(name)
    settings = cards(vendor)
    settings.polls = Polls(every=0.01, at_most=20)
    with served(form(Mock(vendor, polls=12))) as url:
        trial = Trial(vendor, lambda: live(vendor, url, settings), Plan(), vendor.beliefs)
        found = verdicts(trial)
    assert not [exchange.trouble for exchange in trial.target.exchanges if exchange.answer is None]
    assert {belief: verdict.outcome for belief, verdict in found.items() if verdict.outcome is not Outcome.KEPT} == {}
