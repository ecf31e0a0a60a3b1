"""What a document offers to grade a client on: an operation that is polled, and its way to each end."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pollspec.document import expressions
from pollspec.document.lifecycles import TERMINAL, Lifecycle, Start, View
from pollspec.document.operations import Operation, Response
from pollspec.document.vendor import Subject, Vendor
from pollspec.servers.faults.fault import Scene
from pollspec.servers.polite import Mock
from pollspec.trial.request import build

POLLS = 4
"""Polls that an operation takes in a trial: the first one shows its beginning, the next one after these its end."""
SPARE = "Bearer pollspec-spare-token-0000"
LONGEST = 12
"""Polls after which an end is shown at last, or never."""


@dataclass(frozen=True)
class Ground:
    """One operation that is polled, with the subjects that pass through it."""

    vendor: Vendor
    lifecycle: Lifecycle
    view: View

    @property
    def operation(self) -> Operation:
        """The operation that is polled."""
        return self.vendor.operations[self.view.operation]

    @property
    def start(self) -> Start | None:
        """What starts an instance that this operation shows by its identifier."""
        return None if self.view.latest else self.lifecycle.start

    def ending(self, subject: Subject) -> str:
        """The kind of the first end that a subject comes to; "" where it comes to none."""
        kinds = (self.lifecycle.stages[stage].kind for stage in subject.path)
        return next((kind for kind in kinds if kind in TERMINAL), "")

    def ends(self, kind: str) -> list[Subject]:
        """The subjects that come to an end of some kind, and no further; what has to be started first comes to none."""
        mine = [s for s in self.vendor.subjects.values() if s.path and set(s.path) <= set(self.lifecycle.stages)]
        mine = [subject for subject in mine if self.vendor.applies(subject, self.operation)]
        return [self.cut(subject) for subject in mine if self.ending(subject) == kind and self.course(subject)]

    def cut(self, subject: Subject) -> Subject:
        """A subject that stays at the first end it comes to."""
        under_way = self.under_way(subject)
        return replace(subject, path=subject.path[: len(under_way) + 1])

    def under_way(self, subject: Subject) -> tuple[str, ...]:
        """The stages before a subject's first end."""
        ends = [place for place, stage in enumerate(subject.path) if self.lifecycle.stages[stage].kind in TERMINAL]
        return subject.path[: min(ends, default=len(subject.path))]

    def with_subject(self, subject: Subject) -> Vendor:
        """The document with another course or card of a subject."""
        return replace(self.vendor, subjects={**self.vendor.subjects, subject.name: subject})

    def kinds(self, scene: Scene) -> set[str]:
        """The kinds of the stages that an answer may come from."""
        return self.lifecycle.kinds(scene.shown(scene.request, scene.answer))

    def headers(self, subject: Subject, credential: str = "default") -> dict[str, Any]:
        """Who asks about a subject: expression -> value."""
        given = {text: value for text, value in subject.given.items() if expressions.parse(text).place == "header"}
        return {**self.vendor.credentials.get(credential, {}), **given}

    def signature(self, subject: Subject, credential: str = "default") -> dict[str, Any]:
        """The same, with a token where the document asks for no credential and clients send one."""
        spare = {self.vendor.signing.secret: SPARE} if self.vendor.signing.secret else {}
        return {**spare, **self.headers(subject, credential)}

    def course(self, subject: Subject) -> tuple[Scene, ...]:
        """What the polite server shows of a subject, from its beginning to its end; nothing where it shows no end."""
        return _course(self, subject.name)

    @functools.cached_property
    def redirect(self) -> Response | None:
        """The documented redirect by which this operation shows that it is done."""
        for stage in self.lifecycle.stages.values():
            match stage.states.get(self.view.operation):
                case {"status": int(status)} if stage.kind == "done" and 300 <= status < 400:
                    return self.operation.response(status)
        return None

    @functools.cached_property
    def gone(self) -> str | None:
        """A stage in which this operation shows that the thing is not there any more."""
        for name, stage in self.lifecycle.stages.items():
            if stage.kind == "gone" and isinstance(stage.states.get(self.view.operation), Mapping):
                return name
        return None

    def __hash__(self) -> int:
        return id(self.vendor) ^ hash(self.view.operation)


@functools.lru_cache(maxsize=64)
def _course(ground: Ground, name: str) -> tuple[Scene, ...]:
    subject = ground.cut(ground.vendor.subjects[name])
    vendor, scenes = ground.with_subject(subject), list[Scene]()
    server = Mock(vendor, clock=lambda: 0.0, polls=POLLS)
    request = build(vendor, ground.operation, {**ground.headers(subject), **subject.given})
    path, _, query = request.target.partition("?")
    for _ in range(LONGEST):
        headers = tuple((header.lower(), value) for header, value in request.headers)
        answer = server.respond(request.method, vendor.base_path + path, query, headers, b"")
        scenes.append(Scene(vendor, request, answer, []))
        if kinds := ground.kinds(scenes[-1]) & TERMINAL:
            break
    return tuple(scenes) if kinds else ()


def grounds(vendor: Vendor) -> Iterator[Ground]:
    """One for each lifecycle: the operation that shows an instance by its identifier, or else the first."""
    for lifecycle in vendor.lifecycles.values():
        views = sorted(lifecycle.views.values(), key=lambda view: view.latest)
        for view in views[:1]:
            ground = Ground(vendor, lifecycle, view)
            if ground.ends("done"):
                yield ground
