"""The check `contract`: a judge for schemathesis.

In a test, `case.validate_response(response, checks=[contract])`. For plain `schemathesis run`, with no code at all:

    SCHEMATHESIS_HOOKS=pollspec.doors.schemathesis schemathesis run spec.yaml --url URL --checks contract

Against a server of `pollspec mock` its test cards are used; for any other POLLSPEC_TARGET names a target file. Cases
ask about its subjects, with its default credential. What is judged along an instance is told at the end of the run.
With `strict = true` under `[checks.contract]` in schemathesis.toml a deviation fails as well.
"""

from __future__ import annotations

import functools
import os
import random
import time
from typing import Any

import schemathesis
from schemathesis import Case
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.hooks import HookContext

from pollspec import spec
from pollspec.document import expressions, loader
from pollspec.document.keywords import KEYWORDS, Scope, Strict
from pollspec.document.messages import Answer
from pollspec.document.source import Document
from pollspec.document.vendor import Vendor
from pollspec.doors.cases import sent
from pollspec.doors.failures import HEARD, fail_check
from pollspec.doors.recording import Passage, Recording, of_traffic
from pollspec.trial.background import background
from pollspec.trial.selection import Plan
from pollspec.trial.target import Settings, cards

TARGET = "POLLSPEC_TARGET"


def contract(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """The one check: the answer breaks no belief, neither by itself nor by what was answered before."""
    if response.request in HEARD:
        HEARD.raise_for(response.request)
    else:
        _of(case).check(response, case)


class Contract:
    """The same for a run of schemathesis' own: what is judged along an instance is told at its end."""

    def __init__(self, strict: Strict = False) -> None:
        self.strict = strict

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> None:
        """Judge one answer."""
        _of(case).recording.plan = Plan(strict=self.strict)
        contract(ctx, response, case)

    def after_run(self, ctx: CheckContext) -> None:
        """Tell what only shows along an instance."""
        for overheard in OVERHEARD.values():
            overheard.conclude()


schemathesis.check(type("contract", (Contract,), {"__doc__": Contract.__doc__}))


class Overheard:
    """What schemathesis asks of one vendor's server, and what is known of that server."""

    def __init__(self, vendor: Vendor) -> None:
        file = os.environ.get(TARGET)
        self.found = background(vendor, file, None)
        self.vendor = vendor = self.found.vendor
        self.settings: Settings = self.found.settings or cards(vendor)
        self.recording = Recording(vendor, of_traffic(vendor), "a run of schemathesis", settings=self.found.settings)
        self.recording.masks.include(self.found.masks)
        self.random = random.Random(1)
        self.late: list[Any] = []

    def check(self, response: Response, case: Case[Any]) -> None:
        """Judge an answer; what it breaks by itself is told at once."""
        passage = _passage(response)
        fresh = self.recording.fresh if self.recording.add(passage) else []
        at_once = [(b, f) for b, f in fresh if KEYWORDS[b.keyword].scope is Scope.EXCHANGE]
        self.late += [pair for pair in fresh if pair not in at_once]
        fail_check(self.recording, at_once)

    def conclude(self) -> None:
        """Tell what was judged along an instance."""
        ended = self.recording.judge.last()
        fail_check(self.recording, [*self.late, *ended])

    def sign(self, case: Case[Any]) -> None:
        """Let a case ask as who may, and every other one about a known subject."""
        for text, value in self.settings.credentials.get("default", {}).items():
            case.headers[expressions.parse(text).name] = value
        subjects = [given for several in self.settings.subjects.values() for given in several if given]
        for text, value in (self.random.choice(subjects) if subjects and self.random.random() < 0.5 else {}).items():
            place = expressions.parse(text)
            {"path": case.path_parameters, "query": case.query}.get(place.place, case.headers)[place.name] = value


OVERHEARD: dict[str, Overheard] = {}
"""By the title of a document."""


def _of(case: Case[Any]) -> Overheard:
    raw = case.operation.schema.raw_schema
    title = str(raw["info"]["title"])
    if title not in OVERHEARD:
        OVERHEARD[title] = Overheard(_vendor(title, raw, str(case.operation.schema.location or "document.yaml")))
    return OVERHEARD[title]


def _vendor(title: str, raw: dict[str, Any], location: str) -> Vendor:
    """The known vendor of a document, or the view of one's own."""
    for name in spec.names():
        if (vendor := _known(name)).document.content["info"]["title"] == title:
            return vendor
    return loader.view(Document(location.rpartition("/")[2].partition(".")[0], location, raw))


@functools.cache
def _known(name: str) -> Vendor:
    return loader.load(name)


def _passage(response: Response) -> Passage:
    """An answer of schemathesis' as what passed a door; its content codings are undone already."""
    request = response.request
    headers = tuple((name, str(value)) for name, value in request.headers.items())
    told = [(name, value) for name, values in response.headers.items() for value in values]
    answer = Answer(response.status_code, tuple(told), response.content or b"")
    now = time.monotonic()
    times = (now - response.elapsed, now)
    return Passage(str(request.method), str(request.url), headers, sent(request), answer, *times, complete=True)


@schemathesis.hook
def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """Ask as who may, about what is known; where a trial asks, that is its own business."""
    if os.environ.get("SCHEMATHESIS_HOOKS") == __name__:
        _of(case).sign(case)
    return case
