"""One exchange as the judge sees it: with what its document says of it, and what was known of its instance before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import Condition, any_holds
from pollspec.document.lifecycles import is_passing
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.operations import Operation, Response
from pollspec.document.vendor import Vendor
from pollspec.judge.bodies import Bodies, Breach
from pollspec.judge.exchange import Exchange
from pollspec.judge.trace import Instance, Line, Past


class Asked:
    """What a document says of one operation's exchanges, compiled."""

    def __init__(self, vendor: Vendor, operation: Operation) -> None:
        self.vendor, self.operation = vendor, operation
        self.lifecycle = vendor.lifecycle_of(operation.id)
        self.projections = [expressions.getter(text) for text in vendor.projections(operation.id)]
        self.known = {parameter.name for parameter in operation.parameters if parameter.place == "query"}
        self._responses: dict[int, Response | None] = {}
        self._bodies: dict[int, Bodies] = {}

    def response(self, status: int) -> Response | None:
        """The documented response for a status."""
        if status not in self._responses:
            self._responses[status] = self.operation.response(status)
        return self._responses[status]

    def bodies(self, response: Response, answer: Answer) -> Bodies:
        """The bodies of a documented response, in the media type of an answer."""
        schema = response.schema if len(response.media) == 1 else response.schema_in(answer.media_type)
        if id(schema) not in self._bodies:
            self._bodies[id(schema)] = Bodies(self.vendor.schemas, schema)
        return self._bodies[id(schema)]


class Sight:
    """An exchange in its place. `stages`: those it may show; None where it shows no state.

    `projected`: the request selects fields, so that none is required of its answer. `strange`: it has a query parameter
    that the document does not know, and may be refused for that. `response`: the documented one that was met, if it is
    the vendor's own answer.

    `instance`: what it is about; `line`: that operation's answers about it; `settled`: those of them that came before,
    and were not looked at yet; `past`: what later ones will know of this one; `late`: its instance had shown its end.
    """

    __slots__ = (
        "_body", "_named", "answer", "asked", "exchange", "instance", "late", "line", "met", "past", "projected",
        "request", "response", "settled", "stages", "status", "strange",
    )  # fmt: skip

    def __init__(self, asked: Asked, exchange: Exchange) -> None:
        self.asked, self.exchange = asked, exchange
        self.request: Request = exchange.request
        self.answer: Answer | None = exchange.answer
        self.status = exchange.answer.status if exchange.answer else 0
        self.projected = any(get(self.request, None) is not MISSING for get in asked.projections)
        self.strange = "?" in self.request.target and not set(self.request.query) <= asked.known
        shows = asked.lifecycle if not (self.strange and self.status >= 400) else None
        self.stages = shows.shown(exchange.operation, exchange.request, exchange.answer) if shows else None
        self.response = _met(asked, self.answer, self.strange)
        self._body: tuple[Mapping[str | None, Breach], Set[str]] | None = None
        self.instance: Instance | None = None
        self.line: Line | None = None
        self.settled: list[Past] = []
        self.past = Past(exchange)
        self.late = False
        self.met: dict[int, bool] = {}
        self._named: dict[tuple[str, str], dict[str, Any]] = {}

    def meets(self, conditions: Sequence[Condition]) -> bool:
        """Whether one of several conditions holds; asked for by several beliefs, and worked out once."""
        if not conditions:
            return False
        key = id(conditions)
        if (met := self.met.get(key)) is None:
            met = self.met[key] = any_holds(conditions, self.request, self.answer)
        return met

    @property
    def kinds(self) -> set[str]:
        """The kinds of the stages that the answer may show."""
        return self.asked.lifecycle.kinds(self.stages) if self.asked.lifecycle else set()

    def named(self, items: str, by: str) -> Mapping[str, Any]:
        """The items of a list by what identifies each, of which none that share it; worked out once, as `meets` is."""
        if (found := self._named.get((items, by))) is None:
            listed, found, shared = expressions.value(items, self.request, self.answer), {}, set()
            for item in listed if isinstance(listed, list) else ():
                if isinstance(name := pointers.get(item, by), str | int):
                    key = str(name).casefold()
                    shared.update({key} & found.keys())
                    found[key] = item
            found = self._named[items, by] = {key: found[key] for key in found.keys() - shared} if shared else found
        return found

    @property
    def body(self) -> tuple[Mapping[str | None, Breach], Set[str]]:
        """The errors of the body, by the property that they belong to (None: the response); the properties it holds."""
        if self._body is None:
            self._body = {}, frozenset()
            if self.response is not None and self.answer is not None and not self.answer.reading.unreadable:
                bodies, reading = self.asked.bodies(self.response, self.answer), self.answer.reading
                self._body = bodies.breaches(reading, self.projected), bodies.present(reading.value)
        return self._body

    def enter(self, instance: Instance) -> None:
        """Take the place after what came before about the same instance."""
        self.instance, self.late = instance, instance.over
        if self.stages is not None:
            self.line = instance.line(self.exchange.operation)
            self.settled = self.line.settle(self.exchange.start)

    @property
    def comparable(self) -> bool:
        """Whether all that was taken in before ended before this began; an exchange that is told of late is not."""
        return self.line is not None and self.line.settled <= self.exchange.start

    def said(self) -> str:
        """The state that the answer shows, in words."""
        return said(self.exchange, self.instance)


def _met(asked: Asked, answer: Answer | None, strange: bool) -> Response | None:
    """The documented response that an answer met.

    A refusal that is neither a JSON object nor says so (a gateway's page) is nobody's business here.
    """
    found = None if answer is None else asked.response(answer.status)
    if answer is None or found is None or not found.media or (is_passing(answer) and not found.is_exact):
        return None
    says_so = answer.media_type and found.kind(answer.media_type)
    own = answer.status < 400 or isinstance(answer.reading.value, dict) or says_so
    return found if own and not (answer.status >= 400 and strange) else None


def said(exchange: Exchange, instance: Instance | None) -> str:
    """The state that an exchange shows of an instance, in words."""
    if instance is None:
        return "no answer" if exchange.answer is None else str(exchange.answer.status)
    return instance.lifecycle.said(exchange.operation, exchange.request, exchange.answer)
