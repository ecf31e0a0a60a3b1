"""How a client reads answers: what it does with what it has not heard of, and with what is not there."""

from __future__ import annotations

from collections.abc import Iterator

from pollspec.document import expressions, pointers
from pollspec.grading.ground import Ground
from pollspec.grading.observation import Judged, NotTried, Observation
from pollspec.grading.requirements.requirement import Level, Requirement


def _survives(seen: Observation) -> Judged:
    """The client goes on to the end, and tells the success."""
    if not seen.polls:
        return NotTried("a client that polls")
    return None if seen.ended.code == 0 else seen.broken("polling goes on, and exit code 0")


def _listed(ground: Ground) -> Level:
    """Where the document's list of states is open, more of them are to be expected; a closed one may grow."""
    way = pointers.tokens(expressions.parse(ground.view.state).name)
    responses = [response for response in ground.operation.responses if response.media and response.is_success]
    prop = ground.vendor.schemas.at(responses[0].schema, way) if responses else None
    closed = prop is not None and "enum" in ground.vendor.schemas.resolve(prop.node)[1]
    return Level.SHOULD if closed else Level.MUST


def rows() -> Iterator[Requirement]:
    """The rows on how answers are read."""
    yield Requirement(
        "unknown-state",
        Level.MUST,
        "A state that the document does not list is no end: polling goes on.",
        "the document's list of states: a must where it is open, a should where it is closed, for releases add to it",
        ("unknown-state",),
        _survives,
        needs=("succeeds",),
        weighs=_listed,
    )
    yield Requirement(
        "unknown-field",
        Level.MUST,
        "A member that the document does not know is passed over.",
        "the document's schemas are open: they exclude no other member",
        ("more-fields",),
        _survives,
        needs=("succeeds",),
    )
    yield Requirement(
        "absent-field",
        Level.MUST,
        "A member that the document does not require may be absent.",
        "the document's schemas: it is not required",
        ("fewer-fields",),
        _survives,
        needs=("succeeds",),
    )
    yield Requirement(
        "null-field",
        Level.MUST,
        "A member that may be null is null at times.",
        "the document's schemas: its type allows null",
        ("null-fields",),
        _survives,
        needs=("succeeds",),
    )
