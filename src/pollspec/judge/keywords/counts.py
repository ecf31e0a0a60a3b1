"""`counts`: the items of a list are at most a number."""

from __future__ import annotations

from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import is_number, tester
from pollspec.document.messages import MISSING
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """The `items` of a list (those that satisfy `where`), together with the number `plus`, are `at-most` a number."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.items, self.limit = (expressions.getter(self.says[word]) for word in ("items", "at-most"))
        self.plus = expressions.getter(self.says["plus"]) if "plus" in self.says else None
        clauses = self.says.get("where", {})
        self.where = [(pointer, tester(clause, self.vendor.components)) for pointer, clause in clauses.items()]

    def see(self, sight: Sight) -> None:
        """Count."""
        request, answer = sight.request, sight.answer
        if answer is None or sight.status >= 400:
            return
        items, limit = self.items(request, answer), self.limit(request, answer)
        plus = self.plus(request, answer) if self.plus else 0
        if not isinstance(items, list) or not (is_number(limit) and is_number(plus)):
            return
        if not self.speaks_of(sight):
            return
        number = sum(map(self._is_counted, items))
        if number + plus <= limit:
            self.tally.held()
        else:
            said = f"{number} listed" + (f" and {plus} counted" if self.plus else "")
            self.tally.found(Finding(f"together at most {limit}", said, sight.exchange))

    def _is_counted(self, item: Any) -> bool:
        values = ((pointers.get(item, pointer), test) for pointer, test in self.where)
        return all(value is not MISSING and test(value) for value, test in values)
