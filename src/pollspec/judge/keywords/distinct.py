"""`distinct`: the items of a list have identifiers of their own."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import show
from pollspec.document.lifecycles import identity
from pollspec.document.messages import MISSING
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """No two `items` have the same value `by` a pointer, and none has that of the `whole`."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.items, self.by = expressions.getter(self.says["items"]), self.says["by"]
        self.whole = expressions.getter(self.says["whole"]) if "whole" in self.says else None

    def see(self, sight: Sight) -> None:
        """Look at the identifiers."""
        if sight.answer is None or sight.status >= 400 or not self.speaks_of(sight):
            return
        items = self.items(sight.request, sight.answer)
        found = [pointers.get(item, self.by) for item in items] if isinstance(items, list) else []
        counted = Counter(identity([value]) for value in found if isinstance(value, str | int))
        if not counted:
            return
        several = next((name for name, times in counted.items() if times > 1), None)
        whole = self.whole(sight.request, sight.answer) if self.whole else MISSING
        if several is not None:
            self.tally.found(Finding("each once", f"{show(several)} {counted[several]} times", sight.exchange))
        elif whole is not MISSING and identity([whole]) in counted:
            self.tally.found(Finding("none that of the whole", show(whole), sight.exchange))
        else:
            self.tally.held()
