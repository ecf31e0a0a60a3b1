"""Under what an exchange took place, in words: so that a known failure is gone only where it could have been seen."""

from __future__ import annotations

from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange

Stages = frozenset[str] | None


def stages(vendor: Vendor, exchange: Exchange) -> Stages:
    """The stages that an exchange shows of what it is about; None if it shows none."""
    lifecycle = vendor.lifecycle_of(exchange.operation)
    return lifecycle.shown(exchange.operation, exchange.request, exchange.answer) if lifecycle else None


def circumstance(exchange: Exchange, shown: Stages) -> str:
    """`OPERATION as CREDENTIAL`, with ` of SUBJECT` and ` at STAGE` where they are known."""
    text = f"{exchange.operation} as {exchange.login or exchange.credential}"
    text += f" of {exchange.subject}" if exchange.subject else ""
    return f"{text} at {next(iter(shown))}" if shown and len(shown) == 1 else text
