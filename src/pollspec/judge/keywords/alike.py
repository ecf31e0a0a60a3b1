"""`alike`: what is shown of one thing is the same, however it is asked for."""

from __future__ import annotations

from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import same, show
from pollspec.document.lifecycles import is_gap
from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

MOST = 8
"""Ways of asking about one instance, and answers between two of one way, that are remembered."""

Way = tuple[Any, ...]
"""What a request has at each optional parameter."""


class _Shown:
    """An answer of one way, with those of other ways that came after it."""

    def __init__(self, exchange: Exchange, body: Any) -> None:
        self.exchange, self.body = exchange, body
        self.since: list[_Shown] = []


class Judging(Monitor):
    """What one way shows before and after, and alike, another way does not contradict in between.

    Only what the document declares is compared, and neither lists nor links: those may depend on the request.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        operation = self.vendor.operations[self.belief.operation]
        self.ways = [expressions.getter(one.expression) for one in self.vendor.optional(operation)]
        mine = [belief.says for belief in self.vendor.beliefs if belief.operation == operation.id]
        values = [expressions.parse(says["value"]) for says in mine if "of" in says and "value" in says]
        self.links = {one.name for one in values if one.place == "body"}

    def see(self, sight: Sight) -> None:
        """Hold the answers of other ways against the two of this way around them."""
        if sight.instance is None or sight.exchange.credential != "default":
            return
        if is_gap(sight.answer):
            sight.instance.notes.pop(self, None)
            return
        if sight.response is None or sight.answer is None or sight.status >= 300 or sight.answer.reading.unreadable:
            return
        shown: dict[Way, _Shown] = sight.instance.notes.setdefault(self, {})
        way = tuple(get(sight.request, None) for get in self.ways)
        now = _Shown(sight.exchange, sight.answer.reading.value)
        if (before := shown.pop(way, None)) is not None:
            for between in before.since:
                if before.exchange.end <= between.exchange.start and between.exchange.end <= now.exchange.start:
                    self._compare(sight, before, between, now)
        for other in shown.values():
            other.since = [*other.since, now][-MOST:]
        shown[way] = now
        if len(shown) > MOST:
            del shown[next(iter(shown))]

    def _compare(self, sight: Sight, before: _Shown, between: _Shown, after: _Shown) -> None:
        earlier, later, other = (self._leaves(sight, one.body) for one in (before, after, between))
        steady = {place: value for place, value in earlier.items() if place in later and same(value, later[place])}
        for place, value in other.items():
            if place in steady and not same(steady[place], value):
                expected = f"{place}: {show(steady[place])}, as before and after"
                self.tally.found(Finding(expected, show(value), between.exchange, before.exchange))
                return
        if steady.keys() & other.keys():
            self.tally.held()

    def _leaves(self, sight: Sight, body: Any) -> dict[str, Any]:
        """What the document declares, by JSON pointer."""
        assert sight.response is not None
        declared = {place: value for _, place, value in self.vendor.schemas.typed(sight.response.schema, body)}
        listed = tuple(f"{place}/" for place, value in declared.items() if isinstance(value, list))
        return {
            place: value
            for place, value in declared.items()
            if not (isinstance(value, dict | list) or place in self.links or place.startswith(listed) or is_link(value))
        }


def is_link(value: Any) -> bool:
    """Whether a value may be a link."""
    return isinstance(value, str) and (value.startswith("/") or "://" in value)
