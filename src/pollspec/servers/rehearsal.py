"""Every stage rehearsed: what the polite server plays for it is recognised as that stage, and as no other.

Stages that an operation shows alike are one to it. What moves within a stage is looked at where it begins and just
before it ends.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document.conditions import Failure, short
from pollspec.document.lifecycles import Lifecycle, Stage
from pollspec.document.messages import Answer, Request
from pollspec.document.operations import Operation
from pollspec.document.source import Place, Problem
from pollspec.document.vendor import Vendor
from pollspec.servers.answers import Answers
from pollspec.servers.played import Played
from pollspec.servers.stages import Stages

BEGINS, NEARLY_OVER = 0.0, 1 - 1e-9
LONGEST = 160
"""Characters of a played body that are shown."""


def problems(vendor: Vendor) -> Iterator[Problem]:
    """The stages that are played otherwise than they are recognised."""
    stages = Stages(vendor, Answers(vendor, lambda: 0.0, ""))
    for lifecycle in vendor.lifecycles.values():
        for name in lifecycle.views:
            for stage in lifecycle.stages.values():
                if name in stage.states and not _asks(stage.states[name]):
                    rehearsal = Rehearsal(vendor, lifecycle, vendor.operations[name], stage)
                    yield from itertools.islice(rehearsal.problems(stages.showing(name, lifecycle.name, stage.name)), 1)


def _asks(state: Any) -> bool:
    """Whether a stage is recognised by what is asked, too, so that no answer alone shows it."""
    clauses = state.get("where", {}) if isinstance(state, Mapping) else {}
    return any(text.startswith("$request.") for text in clauses)


class Rehearsal:
    """One stage, as one operation shows it."""

    def __init__(self, vendor: Vendor, lifecycle: Lifecycle, operation: Operation, stage: Stage) -> None:
        self.vendor, self.lifecycle, self.operation, self.stage = vendor, lifecycle, operation, stage
        word = "plays" if operation.id in stage.plays else "states"
        self.place: Place = ("x-contract", "lifecycles", lifecycle.name, "stages", stage.name, word, operation.id)

    def problems(self, played: Played) -> Iterator[Problem]:
        """What is wrong with what is played for it, at its beginning and at its end."""
        for share in (BEGINS, NEARLY_OVER):
            request = self._request()
            answer = played.answer(request, share)
            shown = self.lifecycle.shown(self.operation.id, request, answer) or frozenset()
            if self.stage.name not in shown or shown - self._alike():
                yield self.place, self._said(request, answer, shown)

    def _request(self) -> Request:
        """A request about a subject that passes through the stage, or one of the document's examples."""
        passing = (one for one in self.vendor.subjects.values() if self.stage.name in one.path)
        given = next((one.given for one in passing if self.vendor.applies(one, self.operation)), {})
        named = [one for one in self.operation.parameters if one.place == "path"]
        path = {one.name: str(given.get(one.expression, one.example)) for one in named}
        return Request(self.operation.id, self.operation.method, self.operation.path, path, (), b"")

    def _alike(self) -> set[str]:
        """The stages that the operation shows as it shows this one: nobody is to tell them apart."""
        states = {name: one.states.get(self.operation.id) for name, one in self.lifecycle.stages.items()}
        mine = states[self.stage.name]
        return {name for name, state in states.items() if state == mine or _texts(state) & _texts(mine)}

    def _said(self, request: Request, answer: Answer, shown: frozenset[str]) -> str:
        """What is played, what that is recognised as, and what to type."""
        name, every = self.stage.name, frozenset(self.lifecycle.stages)
        body = short(answer.content.decode("utf-8", "replace"), LONGEST) or "without a body"
        others = [] if shown == every else sorted(shown - {name})
        seen = " or ".join([*[name] * (name in shown), *others] if others else ["no stage of the lifecycle"])
        hint = "" if name in shown and others else self._lacking(request, answer)
        hint = hint or f"add to the states of {' and '.join(others)} a clause that this answer does not meet"
        return f"{self.operation.id} plays {answer.status} {body} for {name}, which is recognised as {seen}: {hint}"

    def _lacking(self, request: Request, answer: Answer) -> str:
        """What is to be played otherwise, where the stage is not recognised; nothing where all is as it must be."""
        if not answer.content and self.operation.success and self.operation.success.media and answer.status < 300:
            return f"give the response of {self.operation.id} an example, over which its stages are played"
        failure = next(self.vendor.condition(self._clauses()).failures(request, answer), None)
        return f"its states want {failure.expected} at {failure.place}: {self._typed(failure)}" if failure else ""

    def _clauses(self) -> Mapping[str, Any]:
        """What its states say, as a condition."""
        match self.stage.states[self.operation.id]:
            case {"where": clauses}:
                found: Mapping[str, Any] = clauses
                return found
            case {"status": status}:
                return {"$statusCode": status}
            case {"absent": True}:
                return {self.lifecycle.views[self.operation.id].state: False}
            case state:
                return {self.lifecycle.views[self.operation.id].state: state}

    def _typed(self, failure: Failure) -> str:
        """What to type so that a clause is met."""
        literal = "{absent: true}" if failure.expected == "nothing" else failure.expected.partition(" or ")[0]
        literal = "..." if literal == "something" or literal.startswith("what satisfies") else literal
        name = failure.place.removeprefix("$response.header.")
        inner = f"{failure.place}: {literal}" if failure.place.startswith("/") else f"header: {{{name}: {literal}}}"
        inner = f"status: {literal}" if failure.place == "$statusCode" else inner
        return f"plays: {{{self.operation.id}: {{{inner}}}}}"


def _texts(state: Any) -> set[str]:
    """The texts of a state that is one of several texts."""
    return {state} if isinstance(state, str) else set(state) if isinstance(state, list) else set()
