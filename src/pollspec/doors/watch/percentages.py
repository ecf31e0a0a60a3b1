"""How far an answer says that its operation is, wherever a document says where that stands."""

from __future__ import annotations

from pollspec.document import expressions
from pollspec.document.conditions import is_number
from pollspec.document.shares import shares
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange


class Percentages:
    """Reads percentages."""

    def __init__(self, vendor: Vendor) -> None:
        self._shares = {operation: shares(vendor, operation) for operation in vendor.operations}

    def percent(self, exchange: Exchange) -> float | None:
        """A percentage from 0 to 100, or None where the answer tells none."""
        if exchange.answer is None or not exchange.succeeded:
            return None
        for value, whole in self._shares[exchange.operation]:
            part = expressions.value(value, exchange.request, exchange.answer)
            of = expressions.value(whole, exchange.request, exchange.answer) if whole else 100
            if is_number(part) and is_number(of) and 0 <= part <= of and of > 0:
                return float(100 * part / of)
        return None
