"""What a requirement of a client is: one row of one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pollspec.grading.ground import Ground
from pollspec.grading.observation import Judged, Observation

OURS = "our reading: "


class Level(StrEnum):
    """How much a requirement weighs (RFC 2119): who breaks a must fails, who breaks a should deviates."""

    MUST = "must"
    SHOULD = "should"


@dataclass(frozen=True)
class Requirement:
    """One row. `baits`: the trials that put it to the test; `judge`: what one of them says of it.

    `reason`: of RFC 9110, of the document, or our reading; `quotes` gives the document's own words where it has some;
    `weighs`: its level where that depends on the document. `needs`: requirements without which this one says nothing.
    `of_start`: it is about the operation that starts.
    """

    name: str
    level: Level
    claim: str
    reason: str
    baits: tuple[str, ...]
    judge: Callable[[Observation], Judged]
    needs: tuple[str, ...] = ()
    applies: Callable[[Ground], bool] = lambda ground: True
    quotes: Callable[[Ground], str] = lambda ground: ""
    weighs: Callable[[Ground], Level] | None = None
    of_start: bool = False

    def level_for(self, ground: Ground) -> Level:
        """Its level in one document."""
        return self.weighs(ground) if self.weighs else self.level

    def reason_for(self, ground: Ground) -> str:
        """Its reason in one document."""
        return self.quotes(ground) or self.reason
