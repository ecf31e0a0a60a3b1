"""What is started at a target, where that is allowed; each to its end before the next."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pollspec.document import expressions
from pollspec.document.keywords import Provoked
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.messages import Missing, Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange
from pollspec.trial.factors import Given
from pollspec.trial.polling import Watch, follow, look_back
from pollspec.trial.request import build, minted
from pollspec.trial.target import Target

Others = Mapping[str, Sequence[Given]]
"""Operation -> what else it is asked for with."""

Planned = tuple[Request, str | None]
"""A start, with the subject that it leads to, where that is known."""


def may_write(target: Target, operation: Operation) -> bool:
    """Whether an operation may be asked: what starts something needs leave, and a body that is not the document's."""
    if not operation.writes:
        return True
    settings = target.settings
    return settings.allow_writes and (settings.polite or not operation.bodies or operation.id in settings.bodies)


def start_all(target: Target, lifecycle: Lifecycle, planned: Iterable[Planned], others: Others) -> None:
    """Start what was planned; follow each to its end before the next, and ask about the one before once more.

    About the first one it is asked in `others` ways as well.
    """
    assert lifecycle.start is not None
    older: Watch | None = None
    for request, subject in planned:
        begun = target.clock()
        exchange = target.send(request)
        if (now := started(target.vendor, exchange, begun)) is not None:
            now = replace(now, subject=subject, others={} if older else others)
            if older is not None:
                look_back(target, older)
            follow(target, [now])
            older = now


def started(vendor: Vendor, exchange: Exchange, begun: float) -> Watch | None:
    """What an exchange has started, to be followed; None where it has started nothing."""
    lifecycle = vendor.started_by(exchange.operation)
    given = minted(lifecycle, exchange) if lifecycle else None
    if lifecycle is None or given is None:
        return None
    return Watch(lifecycle, {name: ({} if v.latest else given) for name, v in lifecycle.views.items()}, None, begun)


def requests(target: Target, operation: Operation, seed: int) -> Iterator[Planned]:
    """The starts that are wanted; at a polite server two at least, as the document has it where nothing says which.

    There are none where nothing may be started.
    """
    if not may_write(target, operation):
        return
    wanted = list(_wanted(target, operation, seed))
    plain: Planned = (build(target.vendor, operation, whereabouts(target, operation)), None)
    yield from wanted + [plain] * (2 - len(wanted) if target.settings.polite else 0)


def _wanted(target: Target, operation: Operation, seed: int) -> Iterator[Planned]:
    """The user's own bodies, what a polite server's cards have, what each belief sends."""
    body, secrets = target.settings.body(operation.id), Secrets(target, seed)
    there = whereabouts(target, operation)
    for own in target.settings.bodies.get(operation.id, []):
        yield build(target.vendor, operation, there, own.content), own.leads_to
    for values in target.settings.starts:
        yield build(target.vendor, operation, {**there, **values}, body), None
    for values in target.vendor.sent(operation.id, Provoked.ANSWER):
        yield build(target.vendor, operation, {**there, **values, **secrets.sent(operation, values)}, body), None


def whereabouts(target: Target, operation: Operation) -> Given:
    """What a start needs beside its body, where subjects are known by it, too: as the target's first one has it."""
    if target.vendor.started_by(operation.id) is None:
        return {}
    needed = {parameter.expression for parameter in operation.parameters if parameter.required}
    known = target.settings.subjects
    first = next((known[name][0] for name, one in target.vendor.subjects.items() if one.path and known.get(name)), {})
    return {text: value for text, value in first.items() if text in needed}


@dataclass
class Secrets:
    """Long random values for fields that must never come back; repeatable by seed."""

    target: Target
    seed: int

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def sent(self, operation: Operation, values: Given) -> Given:
        """A value of our own for each secret field that a request would send."""
        vendor, body = self.target.vendor, self.target.settings.body(operation.id)
        plain = build(vendor, operation, values, body)
        fields = vendor.secrets(operation.id)
        sent = [text for text in fields if not isinstance(expressions.value(text, plain), Missing)]
        return {text: self.fresh(expressions.parse(text).name) for text in sent}

    def fresh(self, label: str) -> str:
        """A new one, masked from now on."""
        value = f"pollspec-{self.random.getrandbits(128):032x}"
        self.target.masks.add(value, label)
        return value
