"""A trial of what was recorded: nothing is asked any more, everything is judged as in any other trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..trial import Plan, Trial
from ..vendor import Belief, Vendor
from ..verdict import Outcome, Verdict
from .recording import Recording


class Hearing(Trial):
    """Judges a recording once, as far as it is."""

    def __init__(self, recording: Recording, beliefs: Sequence[Belief]) -> None:
        super().__init__(recording.vendor, lambda: recording.target, Plan(), beliefs)
        self.recording = recording

    def explore(self) -> None:
        """Ask nothing; say where a recording was full."""
        self.spent = self.recording.full

    def _explained(self, verdict: Verdict) -> Verdict:
        """An untried belief wants other traffic, not other settings."""
        verdict = super()._explained(verdict)
        if verdict.outcome is not Outcome.NOT_TRIED or self.spent:
            return verdict
        operation = verdict.belief.operation
        if not self.target.counted[operation]:
            return replace(verdict, wants=f"a request of {operation}")
        return replace(verdict, wants="a request that shows it") if verdict.wants == "allow_writes" else verdict

    def selecting(self, belief: Belief) -> str:
        """Chance has no part in it."""
        return f"--only {belief.id}"


def of_traffic(vendor: Vendor) -> list[Belief]:
    """The beliefs that traffic can keep or break; a document's own samples are judged without any."""
    return [belief for belief in vendor.beliefs if belief.keyword != "sample"]
