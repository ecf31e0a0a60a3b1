"""How far an answer says that its operation is, wherever a document says where that stands."""

from __future__ import annotations

from collections.abc import Iterator

from pollspec.document import expressions, pointers
from pollspec.document.conditions import is_number
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange
from pollspec.judge.record import Scale


class Gauge:
    """Reads percentages. They come from a value that never decreases, in one of two ways:

    its schema has it from 0 to 100; or the document says that it is at most another value, of which it is a part.
    """

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self._scales = {operation: list(self._of(operation)) for operation in vendor.operations}

    def percent(self, exchange: Exchange) -> float | None:
        """A percentage from 0 to 100, or None where the answer tells none."""
        if exchange.answer is None or not exchange.succeeded:
            return None
        for value, whole in self._scales[exchange.operation]:
            part = expressions.value(value, exchange.request, exchange.answer)
            of = 100 if whole is None else expressions.value(whole, exchange.request, exchange.answer)
            if is_number(part) and is_number(of) and 0 <= part <= of and of > 0:
                return float(100 * part / of)
        return None

    def _of(self, operation: str) -> Iterator[tuple[str, str | None]]:
        """The expressions of a part and of its whole (None: 100); those of 100 first."""
        scale = Scale(self.vendor, operation)
        yield from ((value, None) for value in scale.texts if self._is_percentage(operation, value))
        yield from ((value, whole) for value, whole in zip(scale.texts, scale.wholes, strict=True) if whole)

    def _is_percentage(self, operation: str, text: str) -> bool:
        expression = expressions.parse(text)
        if (expression.side, expression.place) != ("response", "body"):
            return False
        for response in self.vendor.operations[operation].responses:
            found = self.vendor.schemas.at(response.schema, list(pointers.tokens(expression.name)))
            if found and f"/{found.name}" == expression.name[-len(found.name) - 1 :]:
                _, node = self.vendor.schemas.resolve(found.node)
                return bool(node.get("minimum") == 0 and node.get("maximum") == 100)
        return False
