"""`schema`: a property is what its schema says."""

from __future__ import annotations

from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """A property is there if it is required, and what it holds satisfies its schema."""

    def see(self, sight: Sight) -> None:
        """Look at the property."""
        if sight.response is None:
            return
        name, (breaches, present) = self.belief.name, sight.body
        if (breach := breaches.get(name)) is not None:
            self.tally.found(Finding(breach.expected, f"{breach.actual} at {breach.place}", sight.exchange))
        elif name in present:
            self.tally.held()
