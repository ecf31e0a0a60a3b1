"""Operations that belong to no lifecycle: each answers with its example, and repeats what it says it echoes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import Condition, any_holds
from pollspec.document.keywords import Provoked
from pollspec.document.messages import Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.answers import Answers
from pollspec.servers.played import Played

Rule = tuple[Sequence[Condition], Played]
"""What recognises some requests, and their answer."""


class Beside:
    """What such operations answer, compiled once."""

    def __init__(self, vendor: Vendor, answers: Answers) -> None:
        self.vendor, self.answers = vendor, answers
        mine = [one for one in vendor.operations.values() if vendor.lifecycle_of(one.id) is None]
        self.plain = {one.id: answers.played(one, one.success, dict(self._echoed(one))) for one in mine}
        self.rules = {one.id: list(self._rules(one)) for one in mine}

    def answer(self, operation: Operation, request: Request) -> Played:
        """What a belief plays for such a request; else the example."""
        found = (played for asked, played in self.rules[operation.id] if any_holds(asked, request, None))
        return next(found, self.plain[operation.id])

    def _rules(self, operation: Operation) -> Iterator[Rule]:
        """The beliefs that say what they play for what they send."""
        for belief in self.vendor.provoked(operation.id, Provoked.ANSWER):
            asked = [condition.of_request() for condition in self.vendor.recognises(belief)]
            if "plays" in belief.says and all(condition.clauses for condition in asked):
                yield asked, self.answers.documented(operation, belief)

    def _echoed(self, operation: Operation) -> Iterator[tuple[str, Any]]:
        """Where an answer repeats what its path says."""
        for belief in self.vendor.beliefs:
            if belief.operation == operation.id and _repeats(belief):
                place = expressions.parse(belief.says["value"])
                if (place.side, place.place) == ("response", "body") and place.name:
                    yield place.name, belief.says["of"]


def _repeats(belief: Belief) -> bool:
    """Whether a belief says that a value is the whole of something that every request has."""
    says = belief.says
    if not {"value", "of"} <= set(says) or {"part", "known", "when", "unless"} & set(says):
        return False
    asked = expressions.asked_for(says["of"])
    return bool(asked) and all(text.startswith("$request.path.") for text in asked)
