"""Lifecycles: the stages an instance passes through, and what each operation shows in them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import Condition, show
from pollspec.document.messages import MISSING, Answer, Request

TERMINAL = frozenset({"done", "failed", "gone"})
LATEST = "latest"


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

    `selects`: the parameters that project its answer, so that a state which is not there says nothing. `reason`: where
    it says why an instance has failed.
    """

    operation: str
    instance: tuple[str, ...]
    state: str
    example: str = ""
    plays: Mapping[str, Any] = field(default_factory=dict)
    selects: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()

    @property
    def asked_by(self) -> tuple[str, ...]:
        """What of that a request says; the rest of an identity is told by the answer."""
        return tuple(text for text in self.instance if text.startswith("$request."))

    @property
    def latest(self) -> bool:
        """Whether this operation shows whatever was started last."""
        return self.instance == (LATEST,)


@dataclass(frozen=True)
class Start:
    """The operation that starts an instance.

    `mints`: the expression of a value that holds an identifier -> where that is asked for; or the text around it, with
    the expressions of where it is asked for in braces.
    """

    operation: str
    mints: Mapping[str, str]
    plays: Mapping[str, Any]

    @functools.cached_property
    def places(self) -> tuple[str, ...]:
        """The expressions that what is minted is asked for by."""
        return tuple(dict.fromkeys(place for text in self.mints.values() for place in expressions.asked_for(text)))

    @functools.cached_property
    def _identifying(self) -> list[tuple[expressions.Getter, expressions.Extract]]:
        return [(expressions.getter(value), expressions.extractor(text)) for value, text in self.mints.items()]

    def given(self, request: Request, answer: Answer | None) -> dict[str, Any]:
        """What an answer hands out, by where it is asked for; what stands in two places as the first one has it."""
        found: dict[str, Any] = {}
        for get, extract in self._identifying:
            found = {**extract(get(request, answer)), **found}
        return found


@dataclass(frozen=True)
class Lifecycle:
    """A graph of stages with its views. `every`, `at_most`: the poll policy in seconds.

    `marks`: operation -> stage -> what marks it in an answer beside the state, and then alone says the stage.
    `renews`: a move that the graph does not have begins a new instance (where nothing identifies one). `lasts`: seconds
    that an end is shown for at least; one poll interval, if nothing else is known. `moves`: the operations that move
    an instance.
    """

    name: str
    stages: Mapping[str, Stage]
    views: Mapping[str, View]
    start: Start | None
    every: float
    at_most: float
    renews: bool
    marks: Mapping[str, Mapping[str, Condition]] = field(default_factory=dict)
    lasts: float = 1.0
    moves: frozenset[str] = frozenset()

    @property
    def operations(self) -> frozenset[str]:
        """The operations that start it, see it or move it."""
        return frozenset(self.views) | self.moves | ({self.start.operation} if self.start else frozenset())

    @functools.cached_property
    def identifying(self) -> tuple[str, ...]:
        """The expressions that identify an instance; none where every operation shows the latest."""
        return next((view.instance for view in self.views.values() if not view.latest), ())

    @functools.cached_property
    def asked_by(self) -> tuple[str, ...]:
        """Those of them that a request says; the rest of an identity is told by an answer."""
        return tuple(text for text in self.identifying if text.startswith("$request."))

    @property
    def named_again(self) -> bool:
        """Whether one name is had by several, of which an answer tells which it is."""
        return self.asked_by != self.identifying

    def begun(self, request: Request, answer: Answer | None) -> dict[str, Any]:
        """What identifies an instance that was started: what is minted, and what else the start itself says of it."""
        given = self.start.given(request, answer) if self.start else {}
        texts = self.identifying or tuple(given)
        return {text: given[text] if text in given else expressions.value(text, request, answer) for text in texts}

    @functools.cached_property
    def closure(self) -> dict[str, frozenset[str]]:
        """What may be seen after each stage: polls are samples, so moves are reflexive and transitive."""
        reach = {name: {name, *stage.then} for name, stage in self.stages.items()}
        for _ in self.stages:
            reach = {name: set().union(*(reach[then] for then in found)) for name, found in reach.items()}
        return {name: frozenset(found) for name, found in reach.items()}

    def way(self, stage: str) -> tuple[str, ...]:
        """A shortest way from a stage to an end."""
        ways: list[tuple[str, ...]] = [(stage,)]
        for way in ways:
            last = self.stages[way[-1]]
            if last.kind in TERMINAL or not last.then:
                return way
            ways += [(*way, then) for then in last.then if then not in way]
        return (stage,)

    def after(self, stages: frozenset[str]) -> frozenset[str]:
        """Every stage that may be seen after one of these."""
        return frozenset().union(*(self.closure[stage] for stage in stages))

    def soon_after(self, stages: frozenset[str], operation: str) -> frozenset[str]:
        """Every stage that an operation may show after one of these before an end is over.

        An end lasts so long, so that none is passed in between; nor is a stage that this operation never shows.
        """
        return frozenset().union(*(self._soon[operation][stage] for stage in stages))

    @functools.cached_property
    def _soon(self) -> dict[str, dict[str, frozenset[str]]]:
        return {name: {stage: self._reached(stage, name) for stage in self.stages} for name in self.views}

    def _reached(self, first: str, operation: str) -> frozenset[str]:
        found, ahead = {first}, list(self.stages[first].then)
        while ahead:
            stage = self.stages[ahead.pop()]
            if stage.name not in found:
                found.add(stage.name)
                passed = stage.kind not in TERMINAL and operation in stage.states
                ahead += stage.then if passed else ()
        return frozenset(found)

    def shown(self, operation: str, request: Request, answer: Answer | None) -> frozenset[str] | None:
        """The stages an answer may come from; all of them for an unlisted state; None if it shows no state."""
        shows = self._shows.get(operation)
        return None if answer is None or shows is None else shows(request, answer)

    @functools.cached_property
    def _shows(self) -> dict[str, Shows]:
        return {name: Shows(self, view) for name, view in self.views.items()}

    def state(self, operation: str, request: Request, answer: Answer) -> Any:
        """The state an answer of success shows, or MISSING."""
        success = 200 <= answer.status < 300
        return expressions.value(self.views[operation].state, request, answer) if success else MISSING

    def said(self, operation: str, request: Request, answer: Answer | None) -> str:
        """The state that an answer shows, in words; its status where it shows none."""
        if answer is None:
            return "no answer"
        state = self.state(operation, request, answer) if operation in self.views else MISSING
        return f"{answer.status} without a state" if state is MISSING else show(state)

    def has_body(self, operation: str, stage: str) -> bool:
        """Whether an operation shows a stage in an answer of success."""
        state = self.stages[stage].states.get(operation)
        return state is not None and not (isinstance(state, Mapping) and state.get("status", 200) >= 300)

    def named(self, operation: str, stages: Iterable[str]) -> str:
        """What an operation shows in some stages, in words."""
        states = [self.stages[stage].states.get(operation) for stage in sorted(stages)]
        return " or ".join(dict.fromkeys(_in_words(state) for state in states if state is not None)) or "another state"

    def kinds(self, stages: frozenset[str] | None) -> set[str]:
        """The kinds of some stages; none where no stage is shown."""
        return {self.stages[stage].kind for stage in stages or ()}


class Shows:
    """Which stages an answer of one operation may come from, compiled."""

    def __init__(self, lifecycle: Lifecycle, view: View) -> None:
        self.everything = frozenset(lifecycle.stages)
        self.state = expressions.getter(view.state)
        self.projections = [expressions.getter(text) for text in view.selects]
        self.marks = lifecycle.marks.get(view.operation, {})
        self.by_state: dict[str, frozenset[str]] = {}
        self.by_status: dict[int, frozenset[str]] = {}
        absent = set()
        for name, stage in lifecycle.stages.items():
            match stage.states.get(view.operation):
                case {"status": int(status)}:
                    self.by_status[status] = self.by_status.get(status, frozenset()) | {name}
                case {"absent": True}:
                    absent.add(name)
                case str(state):
                    self.by_state[state] = self.by_state.get(state, frozenset()) | {name}
                case list(states):
                    self.by_state |= {state: self.by_state.get(state, frozenset()) | {name} for state in states}
        self.absent = frozenset(absent)

    def __call__(self, request: Request, answer: Answer) -> frozenset[str] | None:
        """The stages; None where no state is shown."""
        marked = frozenset(name for name, where in self.marks.items() if where.holds(request, answer))
        if marked:
            return marked
        found = self.by_status.get(answer.status, frozenset())
        state = self.state(request, answer) if 200 <= answer.status < 300 else MISSING
        if type(state) is str:
            found |= self.by_state.get(state, frozenset())
        elif state is MISSING and 200 <= answer.status < 300 and isinstance(answer.reading.value, dict):
            found |= frozenset() if self._projected(request) else self.absent
        if found and self.marks and self._projected(request):  # what marks a stage may have been left out
            found |= frozenset(self.marks)
        return found or (self.everything if isinstance(state, str) else None)

    def _projected(self, request: Request) -> bool:
        return any(get(request, None) is not MISSING for get in self.projections)


def _in_words(state: Any) -> str:
    """What a stage shows, in words."""
    if isinstance(state, Mapping):
        return f"status {state['status']}" if "status" in state else "no state"
    return show(state)


def is_passing(answer: Answer) -> bool:
    """Whether an answer says nothing of the server: too many requests (429), or a gateway speaks (501 and above)."""
    return answer.status == 429 or answer.status > 500


def is_gap(answer: Answer | None) -> bool:
    """Whether what comes before and after must not be compared: a lost connection, a 429, a 5xx."""
    return answer is None or answer.status == 429 or answer.status >= 500


def identity(values: Sequence[object]) -> str:
    """Identifiers as one key; GUIDs and their like in either case are the same."""
    return " ".join("" if value is MISSING else str(value).casefold() for value in values)
