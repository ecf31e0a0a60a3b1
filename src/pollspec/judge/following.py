"""Values that are followed along one instance: shared by the keywords that compare them."""

from __future__ import annotations

from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import show
from pollspec.document.messages import MISSING
from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Comparing
from pollspec.judge.sight import Sight
from pollspec.judge.trace import Past
from pollspec.judge.verdict import Finding

Values = dict[str, Any]
Known = dict[str, tuple[Any, Exchange]]
"""The last settled value of each thing that is followed, with the exchange that showed it."""
UNKNOWN = (MISSING, None, "")
"""What says nothing of a value; it may be known later."""
ENDS: Values = {"": MISSING}
"""Taken of an answer that ends the comparison."""


class Following(Comparing):
    """Compares each value with the last settled one before it.

    `unless`: an answer that meets this ends the comparison; `once`: an answer counts from this on.
    """

    expected = ""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.once = self.vendor.condition(self.says.get("once"))
        each = self.says.get("each")
        self.items: tuple[str, str] | None = (each["in"], each["by"]) if each else None
        self.texts: list[str] = self.followed()
        self.getters = [] if each else [(text, expressions.getter(text)) for text in self.texts]

    def followed(self) -> list[str]:
        """The expressions, or pointers into an item, of what is followed."""
        raise NotImplementedError

    def breaks(self, earlier: Any, later: Any) -> bool | None:
        """Whether two values, one after the other, are not as they should be; None where that cannot be told."""
        raise NotImplementedError

    def take(self, sight: Sight) -> tuple[Values, bool]:
        """The values, and whether they count for those that follow."""
        if sight.meets(self.unless):
            return ENDS, True
        return self._values(sight), self.once.holds(sight.request, sight.answer)

    def settle(self, known: Known, past: Past, taken: tuple[Values, bool]) -> None:
        """Know the values of an answer that came before; one that is wrong is not held against the next."""
        values, counts = taken
        if values is ENDS:
            known.clear()
        elif counts:
            for text, value in values.items():
                if text not in known or not self.breaks(known[text][0], value):
                    known[text] = (value, past.exchange)

    def compare(self, known: Known, taken: tuple[Values, bool], sight: Sight) -> None:
        """Hold each value against what is known of it."""
        if taken[0] is ENDS:
            return
        for text, value in taken[0].items():
            if text not in known:
                continue
            earlier, since = known[text]
            broken = self.breaks(earlier, value)
            if broken:
                expected = f"{text}: {self.expected} {show(earlier)}"
                self.tally.found(Finding(expected, show(value), sight.exchange, since))
            elif broken is not None:
                self.tally.held()

    def _values(self, sight: Sight) -> Values:
        """The values that are followed: of the answer, or of each item of a list by what identifies it."""
        if self.items is None:
            found = ((text, get(sight.request, sight.answer)) for text, get in self.getters)
            return {text: value for text, value in found if value not in UNKNOWN}
        return {
            f"{text} of {name}": value
            for name, item in sight.named(*self.items).items()
            for text in self.texts
            if (value := pointers.get(item, text)) not in UNKNOWN
        }
