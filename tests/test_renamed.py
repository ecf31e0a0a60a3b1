"""Nothing depends on what a vendor calls things: a document renamed throughout gets the same verdicts."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pollspec import spec
from pollspec.document.lifecycles import Lifecycle, Stage
from pollspec.document.messages import Answer, Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Vendor
from pollspec.judge.verdict import Outcome
from pollspec.servers.instances import Course, Instance, Step
from pollspec.servers.played import Played
from pollspec.servers.polite import Mock
from pollspec.servers.reception import Reception
from pollspec.servers.refusals import Refusals
from pollspec.trial.selection import Plan
from pollspec.trial.target import cards, embedded
from pollspec.trial.trial import Trial
from pollspec.trial.wire.pace import Clock
from tests.conftest import SIXTH, polite, verdicts, view
from tests.renaming import renamed

NAMES = [*spec.names(), SIXTH]
other = functools.cache(lambda name: renamed(view(name)))


def outcomes(vendor: Vendor, server: Callable[..., Any], examples: int = 0) -> dict[str, Outcome]:
    """What became of each belief at a server in this process."""

    def make(clock: Clock) -> Any:
        return server(vendor, clock, duration=60.0)

    trial = Trial(vendor, lambda: embedded(vendor, make, cards(vendor)), Plan(examples=examples), vendor.beliefs)
    return {name: verdict.outcome for name, verdict in verdicts(trial).items()}


class Restarts(Mock):
    """Begins once again after the end."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.course = Twice(self.clock, self.course.duration, None)


class Twice(Course):
    """What has ended begins once more."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.restarted = set[tuple[str, ...]]()

    def stand(self, lifecycle: Lifecycle, instance: Instance | None) -> tuple[Step, Stage, float]:
        over = instance and instance.steps and instance.step == len(instance.steps) - 1
        if instance and over and instance.identity not in self.restarted:
            self.restarted.add(instance.identity)
            instance.enter(0, self.clock(), instance.seen)
        return super().stand(lifecycle, instance)


class LetsEverybodyIn(Mock):
    """Refuses nobody."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.reception = Reception(self.routes, Nobody(self.vendor, self.answers), self.casting)


class Nobody(Refusals):
    """Refusals that nobody gets."""

    def of(self, operation: Operation, request: Request) -> Played | None:
        return None


class LeavesOut(Mock):
    """Leaves out the first field of every object."""

    def respond(self, *asked: Any) -> Answer:
        def cut(value: Any) -> Any:
            if isinstance(value, dict):
                return {
                    name: cut(inner) for index, (name, inner) in enumerate(value.items()) if index or len(value) == 1
                }
            return [cut(inner) for inner in value] if isinstance(value, list) else value

        answer = super().respond(*asked)
        return replace(answer, content=json.dumps(cut(answer.reading.value)).encode()) if answer.content else answer


@pytest.mark.parametrize("name", NAMES)
def test_nothing_keeps_its_name(name: str) -> None:
    """Of what a vendor names, nothing is called as before."""
    vendor, (changed, _) = view(name), other(name)
    assert not set(vendor.operations) & set(changed.operations)
    assert not set(vendor.subjects) & set(changed.subjects)
    assert not set(vendor.schemas.named) & set(changed.schemas.named)
    for path in (operation.path for operation in changed.operations.values()):
        assert not any(
            part in path.split("/") for o in vendor.operations.values() for part in o.path.split("/") if part
        )
    text = json.dumps({name: example["value"] for name, example in changed.components["examples"].items()})
    fields = {found.name for schema in vendor.schemas.named.values() for found in vendor.schemas.properties(schema)}
    assert [field for field in fields if f'"{field}":' in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_polite_server_keeps_it(name: str) -> None:
    """The renamed document's own polite server keeps what the first one keeps, row by row."""
    changed, rename = other(name)
    before = {rename(belief): verdict.outcome for belief, verdict in verdicts(polite(name)).items()}
    assert outcomes(changed, Mock, examples=8) == before
    assert set(before.values()) == {Outcome.KEPT}


@pytest.mark.parametrize("server", [Restarts, LetsEverybodyIn, LeavesOut])
@pytest.mark.parametrize("name", NAMES)
def test_the_same_misdeed_is_the_same_finding(name: str, server: type[Mock]) -> None:
    """A server that misbehaves breaks the same beliefs under either name."""
    changed, rename = other(name)
    before = {rename(belief): outcome for belief, outcome in outcomes(view(name), server).items()}
    assert outcomes(changed, server) == before
    secured = any(operation.secured for operation in view(name).operations.values())
    renews = any(lifecycle.renews for lifecycle in view(name).lifecycles.values())
    is_legal = (server is LetsEverybodyIn and not secured) or (server is Restarts and renews and name != SIXTH)
    assert is_legal is not bool({Outcome.DEVIATES, Outcome.BROKEN} & set(before.values()))
