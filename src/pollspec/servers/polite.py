"""The polite server: a document played forward. One generic server; only the document says what it plays.

It knows instances (one per test card, one per start), each of which stands at its beginning until first asked for, then
moves through its subject's stages by the clock or by the poll, and stays at its end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import same
from pollspec.document.keywords import Provoked
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.messages import Answer, Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Subject, Vendor
from pollspec.errors import UsageError, nearest
from pollspec.servers import asgi
from pollspec.servers.answers import Answers
from pollspec.servers.beside import Beside
from pollspec.servers.bodies import Receive, Send
from pollspec.servers.casting import Casting, Identity, with_cards
from pollspec.servers.instances import Course, Instance, steps
from pollspec.servers.links import Links
from pollspec.servers.minting import Minting
from pollspec.servers.played import Played
from pollspec.servers.reception import Reception
from pollspec.servers.refusals import Refusals
from pollspec.servers.routes import Routes
from pollspec.servers.scenarios.scenario import AS_DOCUMENTED, Scenario
from pollspec.servers.stages import Stages


class Mock:
    """An ASGI application that plays a vendor's document.

    What a link of its own leads to is there. `duration`: seconds on `clock` from an instance's first contact to its
    end; `polls`: if given, the number of polls instead. `clock` is any function that tells seconds; `pause` waits so
    many. `scenario`: what is played instead of what the document says. `anyone`: the subject that an identifier plays
    which nobody knows; `cards`: further identifiers of subjects, each SUBJECT=PARAMETER=VALUE.
    """

    def __init__(
        self,
        vendor: Vendor,
        clock: Callable[[], float] = time.monotonic,
        duration: float = 10.0,
        polls: int | None = None,
        scenario: Scenario | None = None,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
        anyone: str | None = None,
        cards: Sequence[str] = (),
    ) -> None:
        vendor = with_cards(vendor, cards)
        self.vendor, self.clock = vendor, clock
        self.casting = Casting(vendor, anyone)
        self.course = Course(clock, duration, polls)
        self.answers = Answers(vendor, clock, "" if polls else f"; {duration:g} s")
        self.instances: dict[Identity, Instance] = {}
        self.latest: dict[str, Instance] = {}
        self.minting = {name: Minting(vendor, one.start) for name, one in vendor.lifecycles.items() if one.start}
        self.pause = pause
        self.routes, self.links = Routes(vendor), Links(vendor, self.answers)
        self.reception = Reception(self.routes, Refusals(vendor, self.answers), self.casting)
        self.beside, self.stages = Beside(vendor, self.answers), Stages(vendor, self.answers)
        self.play(scenario or AS_DOCUMENTED)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; one that is too large is refused, one that breaks off is nobody's."""
        asked = await asgi.received(scope, receive, send)
        if asked is None:
            return
        told = self.respond(asked.method, asked.path, asked.query, asked.headers, asked.content)
        if self.delays is not None:
            await self.pause(self.delays())
        await asgi.answer(told, send, asked.method == "HEAD")

    def respond(self, method: str, path: str, query: str, headers: Iterable[tuple[str, str]], content: bytes) -> Answer:
        """The answer to a request line, headers and body; never an exception."""
        asked = self.reception.asked(method, path, query, tuple(headers), content)
        if asked is None:
            return self._elsewhere(path)
        if asked.refusal is not None:
            return asked.refusal.answer(asked.request, 1.0)
        return self._play(asked.operation, asked.request, asked.card)

    def _elsewhere(self, path: str) -> Answer:
        """The answer where the document has no operation."""
        if (there := self.links.found(path)) is not None:
            return there
        if self.links.lead_beside(path):
            return self.answers.plain(404, {"message": "nothing of that name"})
        if methods := self.routes.methods(path):
            told = {"message": f"this is asked by {' or '.join(methods)} alone"}
            return self.answers.plain(405, told, headers={"allow": ", ".join(methods)})
        meant = self.routes.meant(path)
        return self.answers.plain(404, {"message": "no such operation" + (f"; did you mean {meant}?" if meant else "")})

    def _play(self, operation: Operation, request: Request, card: Subject | None) -> Answer:
        """The answer of the instance that a request is about."""
        if (begun := self.vendor.started_by(operation.id)) is not None:
            return self._start(operation, begun, request)
        lifecycle = self.vendor.lifecycle_of(operation.id)
        subject = card or self.casting.unknown(operation.id, request, self.instances)
        if subject and not subject.path and (told := self._never_was(operation, subject.name, request)):
            return told
        if lifecycle is None:
            return self._answered(self.beside.answer(operation, request), request)
        if operation.id in lifecycle.moves:
            return self._move(operation, lifecycle, request, subject)
        return self._show(operation, lifecycle, request, subject)

    def _move(self, operation: Operation, lifecycle: Lifecycle, request: Request, subject: Subject | None) -> Answer:
        """Move an instance, where a belief says that it is moved from its stage; it goes on to its end from there."""
        instance = self._instance(lifecycle, self.casting.identity(operation.id, request), subject)
        moves = [one for one in self.vendor.beliefs if one.operation == operation.id and "to" in one.says]
        moves = [one for one in moves if one.says.get("of") == lifecycle.name]
        if not instance.steps:
            return self._answered(self.stages.not_moved(operation, {"$statusCode": 404}), request)
        _, stage, _ = self.course.stand(lifecycle, instance)
        found = next((one for one in moves if stage.name in one.says["from"]), None)
        if found is None:
            return self._answered(self.stages.not_moved(operation, moves[0].says.get("otherwise") or {}), request)
        instance.steps = steps(lifecycle.way(found.says["to"][0]))
        instance.enter(0, self.clock(), instance.seen)
        return self._answered(self.stages.moved(operation, lifecycle, found), request, 0.0)

    def _never_was(self, operation: Operation, subject: str, request: Request) -> Answer | None:
        """What is answered about a subject that never was, where a belief says so."""
        for belief in self.vendor.provoked(operation.id, Provoked.ANSWER):
            if belief.says.get("subject") == subject:
                return self._answered(self.answers.documented(operation, belief), request)
        return None

    def _instance(self, lifecycle: Lifecycle, identity: Identity, subject: Subject | None) -> Instance:
        """The instance of an identity; one that is new stands at its beginning. `subject`: whose course it takes."""
        if (known := self.instances.get(identity)) is not None:
            return known
        name, documented = (subject.name, steps(subject.path)) if subject else (None, ())
        course = self.scenario.steps(name, lifecycle.stages) or documented
        return self.instances.setdefault(identity, Instance(identity, course, name))

    def play(self, scenario: Scenario) -> None:
        """Begin anew, with another scenario: whatever was under way never was, and nothing is held."""
        self.instances.clear()
        self.latest.clear()
        self.course.held = {}
        self.scenario = scenario
        self.delays = scenario.delays() if scenario.latency[1] else None

    def hold(self, stage: str, subject: str | None = None) -> None:
        """Have whatever comes to a stage stay there, or a subject alone, until it is moved on."""
        known = [name for lifecycle in self.vendor.lifecycles.values() for name in lifecycle.stages]
        if stage not in known:
            raise UsageError(f"there is no stage {stage!r}", nearest(stage, known))
        self.course.held[self._named(subject)] = stage

    def move_on(self, subject: str | None = None) -> None:
        """Have everything go on to its next stage at once, or a subject alone; what was held is let go."""
        self.course.move_on(list(self.instances.values()), self._named(subject))

    def _named(self, subject: str | None) -> str | None:
        if subject is not None and subject not in self.vendor.subjects:
            raise UsageError(f"there is no subject {subject!r}", nearest(subject, self.vendor.subjects))
        return subject

    def _show(self, operation: Operation, lifecycle: Lifecycle, request: Request, subject: Subject | None) -> Answer:
        view = lifecycle.views[operation.id]
        instance = self.latest.get(lifecycle.name)
        if not view.latest:
            instance = self._instance(lifecycle, self.casting.identity(operation.id, request), subject)
            if not instance.steps and self.casting.names(operation.id, request):
                return self._answered(self.stages.nobody(operation), request)
        elif subject is not None:
            instance = self._instance(lifecycle, (subject.name, *map(str, subject.given.values())), subject)
        if instance is not None:
            passed = instance.ask(self.clock())
            if wrong := self.scenario.interruption(instance.subject, instance.asked, passed):
                return self._answered(self.stages.interrupted(operation, wrong), request)
        step, stage, share = self.course.stand(lifecycle, instance)
        if instance is not None:
            instance.polls[operation.id] += 1
        if step.plays and (told := self._never_was(operation, step.plays, request)):
            return told
        where = (operation.id, lifecycle.name, stage.name)
        shown = self.stages.showing(*where, step.shows) if step.shows else self.stages.shown(*where)
        return self._answered(shown, request, share)

    def _start(self, operation: Operation, lifecycle: Lifecycle, request: Request) -> Answer:
        """Start an instance under a new identifier; which one it plays, the request's test card says."""
        assert lifecycle.start is not None
        minted = self.minting[lifecycle.name].new()
        subjects = [subject for subject in self.vendor.subjects.values() if subject.path]
        asked = [subject for subject in subjects if _is_asked_for(subject, request)]
        identity = self.casting.minted(lifecycle, request, minted)
        self.instances.pop(identity, None)
        instance = self._instance(lifecycle, identity, next(iter([*asked, *subjects]), None))
        instance.since = self.clock()
        self.latest[lifecycle.name] = instance
        plays = self.minting[lifecycle.name].handed_out(minted)
        return self._answered(self.answers.played(operation, operation.success, plays), request, 0.0)

    def _answered(self, played: Played, request: Request, share: float = 1.0) -> Answer:
        """What is played, as the answer to a request; what it links to is there from then on."""
        answer = played.answer(request, share)
        self.links.note(request, answer, played)
        return answer


def _is_asked_for(subject: Subject, request: Request) -> bool:
    """Whether a start asks for a subject's path."""
    wanted = subject.starts_with
    return bool(wanted) and all(same(expressions.value(text, request), value) for text, value in wanted.items())
