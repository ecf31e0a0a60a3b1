"""Lifecycles: the stages an instance passes through, and what each operation shows in them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..messages import MISSING, Answer, Request
from . import expressions
from .conditions import Condition

TERMINAL = frozenset({"done", "failed", "gone"})
LATEST = "latest"
ABSENT = {"absent": True}


@dataclass(frozen=True)
class Stage:
    """One stage. `states`: what an operation shows in it; `plays`: what the polite server adds to that."""

    name: str
    kind: str
    then: tuple[str, ...]
    states: Mapping[str, Any]
    plays: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class View:
    """How one operation sees an instance: by which expressions, or as the latest; and where its state stands.

    `selects`: the parameters that project its answer, so that a state which is not there says nothing.
    """

    operation: str
    instance: tuple[str, ...]
    state: str
    example: str = ""
    plays: Mapping[str, Any] = field(default_factory=dict)
    selects: tuple[str, ...] = ()

    @property
    def latest(self) -> bool:
        """Whether this operation shows whatever was started last."""
        return self.instance == (LATEST,)


@dataclass(frozen=True)
class Start:
    """The operation that starts an instance; `mints`: the expression for the identifier -> where it is asked for."""

    operation: str
    mints: Mapping[str, str]
    plays: Mapping[str, Any]


@dataclass(frozen=True)
class Lifecycle:
    """A graph of stages with its views. `every`, `at_most`: the poll policy in seconds.

    `marks`: operation -> stage -> what marks it in an answer beside the state, and then alone says the stage.
    `renews`: a move that the graph does not have begins a new instance (where nothing identifies one).
    """

    name: str
    stages: Mapping[str, Stage]
    views: Mapping[str, View]
    start: Start | None
    every: float
    at_most: float
    renews: bool
    marks: Mapping[str, Mapping[str, Condition]] = field(default_factory=dict)

    @functools.cached_property
    def closure(self) -> dict[str, frozenset[str]]:
        """What may be seen after each stage: polls are samples, so moves are reflexive and transitive."""
        reach = {name: {name, *stage.then} for name, stage in self.stages.items()}
        for _ in self.stages:
            reach = {name: set().union(*(reach[then] for then in found)) for name, found in reach.items()}
        return {name: frozenset(found) for name, found in reach.items()}

    def after(self, stages: frozenset[str]) -> frozenset[str]:
        """Every stage that may be seen after one of these."""
        return frozenset().union(*(self.closure[stage] for stage in stages))

    def shown(self, operation: str, request: Request, answer: Answer | None) -> frozenset[str] | None:
        """The stages an answer may come from; all of them for an unlisted state; None if it shows no state."""
        if answer is None or operation not in self.views:
            return None
        state = self.state(operation, request, answer)
        shows = {name: stage.states.get(operation, MISSING) for name, stage in self.stages.items()}
        marks = self.marks.get(operation, {})
        marked = frozenset(name for name, wheres in marks.items() if wheres.holds(request, answer))
        found = marked or frozenset(name for name, shown in shows.items() if _shows(shown, state, answer))
        if not marked and self._projected(operation, request):  # what is not there may have been left out
            found = frozenset(name for name in found if shows[name] != ABSENT)
            found |= set(marks) if found else set()
        if found:
            return found
        return frozenset(self.stages) if isinstance(state, str) else None

    def _projected(self, operation: str, request: Request) -> bool:
        return any(expressions.value(text, request) is not MISSING for text in self.views[operation].selects)

    def state(self, operation: str, request: Request, answer: Answer) -> Any:
        """The state an answer of success shows, or MISSING."""
        success = 200 <= answer.status < 300
        return expressions.value(self.views[operation].state, request, answer) if success else MISSING

    def kinds(self, stages: frozenset[str] | None) -> set[str]:
        """The kinds of some stages; none where no stage is shown."""
        return {self.stages[stage].kind for stage in stages or ()}


def _shows(shown: Any, state: Any, answer: Answer) -> bool:
    if isinstance(shown, Mapping):
        if "status" in shown:
            return bool(answer.status == shown["status"])
        if "where" in shown:
            return False
        success = 200 <= answer.status < 300
        return success and state is MISSING and isinstance(answer.reading.value, dict)
    return state is not MISSING and state in (shown if isinstance(shown, list) else [shown])


def is_passing(answer: Answer) -> bool:
    """Whether an answer says nothing of the server: too many requests (429), or a gateway speaks (501 and above)."""
    return answer.status == 429 or answer.status > 500


def is_gap(answer: Answer | None) -> bool:
    """Whether what comes before and after must not be compared: a lost connection, a 429, a 5xx."""
    return answer is None or answer.status == 429 or answer.status >= 500
