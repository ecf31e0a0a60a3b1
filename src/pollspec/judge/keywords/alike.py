"""`alike`: what is shown of one thing is the same, however it is asked for."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import same, show
from pollspec.document.keywords import Role
from pollspec.document.lifecycles import TERMINAL, is_gap
from pollspec.document.messages import MISSING, read
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

MOST = 8
"""Ways of asking about one instance, and answers between two of one way, that are remembered."""

Way = tuple[Any, ...]
"""What a request has at each optional parameter, and whether something else was asked at the same moment."""


class _Shown:
    """An answer of one way, with those of other ways that came after it. `rests`: nothing moves any more.

    `content`, `previous`: its body, and that of the answer of this way before it (empty where there was none), as they
    came: they are read where they are compared, which is seldom.
    """

    def __init__(self, sight: Sight, content: bytes, previous: bytes) -> None:
        self.exchange, self.stages, self.content, self.previous = sight.exchange, sight.stages, content, previous
        kinds = sight.kinds
        self.rests = kinds <= TERMINAL if kinds else sight.late
        self.since: list[_Shown] = []


class Judging(Monitor):
    """What one way shows before and after, and alike, another way does not contradict in between.

    Only what the document declares is compared, and neither lists nor links: those may depend on the request. Of what
    is under way only what cannot come back is compared: a state to which no way leads back, a value that grows. What is
    asked at the same moment as another is held against what stood still for longer.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        operation = self.vendor.operations[self.belief.operation]
        self.ways = [expressions.getter(one.expression) for one in self.vendor.optional(operation)]
        mine = [belief.says for belief in self.vendor.beliefs if belief.operation == operation.id]
        values = [expressions.parse(says["value"]) for says in mine if "of" in says and "value" in says]
        self.links = {one.name for one in values if one.place == "body"}
        growing = [text for belief, text in self.vendor.named(operation.id, Role.GROWING) if "each" not in belief.says]
        view = self.vendor.view_of(operation.id)
        self.state = {expressions.parse(view.state).name} if view else set[str]()
        self.growing = {expressions.parse(text).name for text in growing}

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
        way = (sight.exchange.at_once, *(get(sight.request, None) for get in self.ways))
        before = shown.pop(way, None)
        now = _Shown(sight, sight.answer.content, b"" if before is None else before.content)
        if before is not None:
            for between in before.since:
                if before.exchange.end <= between.exchange.start and between.exchange.end <= now.exchange.start:
                    self._compare(sight, before, between, now)
        for other in shown.values():
            other.since = [*other.since, now][-MOST:]
        shown[way] = now
        if len(shown) > MOST:
            del shown[next(iter(shown))]

    def _compare(self, sight: Sight, before: _Shown, between: _Shown, after: _Shown) -> None:
        earlier, later, other = (self._leaves(sight, one.content) for one in (before, after, between))
        steady = {place: value for place, value in earlier.items() if place in later and same(value, later[place])}
        if between.exchange.at_once:
            longer = self._leaves(sight, before.previous)
            steady = {place: value for place, value in steady.items() if same(longer.get(place, MISSING), value)}
        if not (before.rests and after.rests):
            lasting = self._lasting(sight, before, after)
            steady = {place: value for place, value in steady.items() if place in lasting}
        for place, value in other.items():
            if place in steady and not same(steady[place], value):
                expected = f"{place}: {show(steady[place])}, as before and after"
                self.tally.found(Finding(expected, show(value), between.exchange, before.exchange))
                return
        if steady.keys() & other.keys():
            self.tally.held()

    def _lasting(self, sight: Sight, before: _Shown, after: _Shown) -> Set[str]:
        """The places whose values, the same before and after, were the same in between, though something moves."""
        lifecycle, stages = sight.asked.lifecycle, before.stages
        if lifecycle is None or not stages or stages != after.stages:
            return self.growing
        back = {name for name in lifecycle.after(stages) - stages if lifecycle.closure[name] & stages}
        return self.growing if back else self.growing | self.state

    def _leaves(self, sight: Sight, content: bytes) -> dict[str, Any]:
        """What the document declares, by JSON pointer."""
        assert sight.response is not None
        body = read(content).value
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
