"""What a fault is, and the scene it acts on."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import any_holds
from pollspec.document.lifecycles import Lifecycle, identity
from pollspec.document.messages import Answer, Request
from pollspec.document.operations import Response
from pollspec.document.source import walk
from pollspec.document.vendor import Belief, Vendor

Derived = Iterator["Fault"]


@dataclass(frozen=True)
class Misdeed:
    """One row of FAULTS: its name, the keyword that must object, and how a belief of it gives faults."""

    name: str
    keyword: str
    derive: Derive


Derive = Callable[[Misdeed, Vendor, Belief], Derived]
"""What a misdeed makes of a belief: one fault, several, or none."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a server. `belief`: the one that must object; `detail` tells several of one belief apart.

    `asks` changes what is passed on; `act` gives the answer in place of the true one, or None to leave it;
    `document` spoils the document itself, where no server is to blame.
    """

    misdeed: Misdeed
    belief: Belief
    does: str
    detail: str = ""
    asks: Callable[[Scene], Request] | None = None
    act: Callable[[Scene], Answer | None] | None = None
    document: Callable[[Vendor], Vendor] | None = None

    @property
    def id(self) -> str:
        """`misdeed:operation/keyword/name`, with the detail behind another colon."""
        place = self.belief.id.partition("/")[2]
        return ":".join(filter(None, (self.misdeed.name, place, self.detail)))


@dataclass
class Scene:
    """A request at a server with its true answer, and what went before. `waits`: seconds to wait before answering."""

    vendor: Vendor
    request: Request
    answer: Answer
    past: list[tuple[Request, Answer]]
    notes: dict[Any, Any] = field(default_factory=dict)
    waits: float = 0.0

    @property
    def operation(self) -> str:
        """The operation that is asked."""
        return self.request.operation

    @property
    def body(self) -> Any:
        """A copy of the true answer's body; MISSING where it is no JSON."""
        return copy.deepcopy(self.answer.reading.value)

    def value(self, text: str) -> Any:
        """What an expression means in this exchange; MISSING where there is nothing."""
        return expressions.value(text, self.request, self.answer)

    def total(self, said: str | Sequence[str]) -> Any:
        """What an expression, or the sum of several, means in this exchange."""
        return expressions.total(said)(self.request, self.answer)

    @property
    def is_good(self) -> bool:
        """Whether a request of the right login is answered with what it asks for."""
        return self.answer.status < 400 and self.vendor.signing.credential_of(self.request) == "default"

    def successes(self, operation: str) -> list[tuple[Request, Answer]]:
        """The earlier exchanges of an operation that were no refusals, the last one last."""
        return [(r, a) for r, a in self.past if r.operation == operation and a.status < 400]

    def instance(self, request: Request) -> str:
        """Which instance of its lifecycle a request is about; for the latest one, the login tells."""
        view = self.vendor.view_of(request.operation)
        texts = self.vendor.signing.places if view is None or view.latest else view.asked_by
        return identity([expressions.value(text, request) for text in texts])

    def earlier(self) -> list[tuple[Request, Answer]]:
        """The earlier exchanges of this operation about the same instance."""
        mine = self.instance(self.request)
        return [(r, a) for r, a in self.past if r.operation == self.operation and self.instance(r) == mine]

    def shown(self, request: Request, answer: Answer) -> frozenset[str] | None:
        """The stages that an exchange shows."""
        lifecycle = self.vendor.lifecycle_of(request.operation)
        return lifecycle.shown(request.operation, request, answer) if lifecycle else None

    @property
    def lifecycle(self) -> Lifecycle | None:
        """The lifecycle that the operation shows or starts."""
        return self.vendor.lifecycle_of(self.operation)


def documented(scene: Scene, belief: Belief) -> Response | None:
    """The documented response that a true answer is, if it is of the belief's operation and has a JSON body."""
    if scene.operation != belief.operation or scene.answer.reading.unreadable:
        return None
    found = scene.vendor.operations[belief.operation].response(scene.answer.status)
    return found if found is not None and found.media else None


def concerned(scene: Scene, belief: Belief) -> bool:
    """Whether a true answer is a success that a belief speaks of."""
    when, unless = (scene.vendor.conditions(belief.says.get(word)) for word in ("when", "unless"))
    good = scene.operation == belief.operation and 200 <= scene.answer.status < 400
    met = not when or any_holds(when, scene.request, scene.answer)
    return good and met and not any_holds(unless, scene.request, scene.answer)


def is_played(vendor: Vendor, name: str) -> bool:
    """Whether a stage, a view, a start or a belief plays something of a name."""
    lifecycles = vendor.lifecycles.values()
    played: list[Any] = [view.plays for lifecycle in lifecycles for view in lifecycle.views.values()]
    played += [stage.plays for lifecycle in lifecycles for stage in lifecycle.stages.values()]
    played += [lifecycle.start.plays for lifecycle in lifecycles if lifecycle.start]
    played += [belief.says.get("plays") for belief in vendor.beliefs]
    return any(name in re.split("[/#]", str(place[-1])) for place, _ in walk(played) if place)
