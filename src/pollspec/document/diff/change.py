"""What a change between two versions of a document is, whom it breaks, and which version it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Direction(StrEnum):
    """What became of the set of values, or of answers, that something allows."""

    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    CHANGED = "changed"
    """Which of the two, is not known."""

    @property
    def turned(self) -> Direction:
        """The direction of what says `not` of it, or is a condition of it."""
        return {Direction.TIGHTENED: Direction.LOOSENED, Direction.LOOSENED: Direction.TIGHTENED}.get(self, self)


class Level(IntEnum):
    """The part of a semantic version that a change asks for."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3


SERVERS, CLIENTS = "servers", "clients"


@dataclass(frozen=True)
class Change:
    """One change. `kind`: a direction, or added, dropped, renamed, regraded, reworded; `breaks`: whom, if anybody.

    `of`: the belief's id without the vendor, or a place of the document; `where`: path and line, in the new document
    unless it is there no more.
    """

    kind: str
    of: str
    says: str
    where: str
    breaks: tuple[str, ...] = ()
    is_told: bool = False
    """Whether it changes what is told to readers alone."""

    @property
    def level(self) -> Level:
        """What it asks for."""
        return Level.MAJOR if self.breaks else Level.PATCH if self.is_told else Level.MINOR


def breaks(direction: str, answers: bool) -> tuple[str, ...]:
    """Whom a change of what is answered breaks, or (not `answers`) of what may be asked.

    Servers must keep to more, or clients must put up with more; of what may be asked it is the other way round.
    """
    if direction == Direction.CHANGED:
        return (SERVERS, CLIENTS)
    return (SERVERS,) if (direction == Direction.TIGHTENED) is answers else (CLIENTS,)
