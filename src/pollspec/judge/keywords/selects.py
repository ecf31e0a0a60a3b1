"""`selects`: a parameter says which fields come back."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from pollspec.document import expressions, projections
from pollspec.document.conditions import show
from pollspec.document.messages import MISSING
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

Full = tuple[float, Any]
"""When an answer without the projection ended, and its body."""


class Judging(Monitor):
    """What `parameter` does not name is not in the answer. `complete`: what it names is, if the full answer has it."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.get = expressions.getter(self.says["parameter"])
        self.complete = bool(self.says.get("complete"))
        self.full: dict[Hashable, list[Full]] = {}

    def see(self, sight: Sight) -> None:
        """Look at what the answer holds, and what it lacks."""
        if not sight.exchange.succeeded or sight.answer is None or sight.answer.reading.unreadable:
            return
        text = self.get(sight.request, None)
        if text is MISSING:
            if self.complete:
                self._remember(sight)
            return
        try:
            tree = projections.parse(text)
        except ValueError:
            return
        if self.complete:
            self._hold_complete(sight, tree)
        elif extra := projections.excess(sight.answer.reading.value, tree):
            self.tally.found(Finding(f"nothing but {text}", ", ".join(extra), sight.exchange))
        else:
            self.tally.held()

    def _hold_complete(self, sight: Sight, tree: projections.Projection) -> None:
        full, body = self._before(sight), sight.answer.reading.value if sight.answer else MISSING
        if full is MISSING:
            return
        if lacking := self._declared(sight, full, _lacking(projections.project(full, tree), body)):
            expected = f"{', '.join(lacking)} as in the full answer"
            self.tally.found(Finding(expected, show(body), sight.exchange))
        else:
            self.tally.held()

    def _declared(self, sight: Sight, full: Any, places: list[str]) -> list[str]:
        """Those places that the document speaks of: what else is in the full answer may stay there."""
        if not places or sight.response is None:
            return []
        declared = {place for _, place, _ in self.vendor.schemas.typed(sight.response.schema, full)}
        return [place for place in places if place in declared]

    def _of(self, sight: Sight) -> list[Full]:
        """The full answers that are remembered about the same thing."""
        if sight.instance is not None:
            known: list[Full] = sight.instance.notes.setdefault(self, [])
            return known
        return self.full.setdefault((sight.exchange.session, *sorted(sight.request.parameters.items())), [])

    def _remember(self, sight: Sight) -> None:
        assert sight.answer is not None
        known = self._of(sight)
        over = [one for one in known if one[0] <= sight.exchange.start]
        known[:] = [*over[-1:], *(one for one in known if one[0] > sight.exchange.start)]
        known.append((sight.exchange.end, sight.answer.reading.value))

    def _before(self, sight: Sight) -> Any:
        """The body of the full answer nearest before; MISSING if there is none."""
        known = self._of(sight)
        return next((body for end, body in reversed(known) if end <= sight.exchange.start), MISSING)


def _lacking(wanted: Any, actual: Any, place: str = "") -> list[str]:
    """The named places that a projection lacks; values may have moved on since."""
    if isinstance(wanted, list) and isinstance(actual, list):
        return [p for i, (w, a) in enumerate(zip(wanted, actual, strict=False)) for p in _lacking(w, a, f"{place}/{i}")]
    if not isinstance(wanted, dict):
        return []
    missing = []
    for name, value in wanted.items():
        inner = actual.get(name, MISSING) if isinstance(actual, dict) else MISSING
        missing += [f"{place}/{name}"] if inner is MISSING else _lacking(value, inner, f"{place}/{name}")
    return missing
