"""Operations that are followed: polled from first contact to their end and a little beyond, for nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pollspec.document.lifecycles import TERMINAL, Lifecycle, is_gap
from pollspec.trial.factors import Given
from pollspec.trial.request import build
from pollspec.trial.target import Target
from pollspec.trial.wire.quotas import retry_after

SILENCE = 10
"""Answers in a row without any state, after which an operation is followed no further."""


@dataclass
class Watch:
    """One instance that is followed: which operations are asked about it, and how often it was seen at its end.

    `others`: what else each of them is asked for with, at first and at the end; `login`: who asks.
    """

    lifecycle: Lifecycle
    asked: Mapping[str, Given]
    subject: str | None
    begun: float
    others: Mapping[str, Sequence[Given]] = field(default_factory=dict)
    login: str = "default"
    polls: int = 0
    ended: int = 0
    standing: int = 0
    silent: int = 0
    left: bool = False
    pause: float = 0.0
    kinds: set[str] = field(default_factory=set)


def follow(target: Target, watches: Iterable[Watch]) -> None:
    """Poll several instances in turn, each to its end, or to its deadline.

    Nobody waits for a target that never answered: it will be given up at once.
    """
    running = list(watches)
    for watch in running:
        target.running |= {tuple(given.items()) for given in watch.asked.values() if given}
    while running:
        for watch in running:
            _poll(target, watch)
        running = [watch for watch in running if not _over(target, watch)]
        if running and target.patience.answered:
            every = target.settings.polls.every or running[0].lifecycle.every
            target.pace.sleep(max([every, *(watch.pause for watch in running)]))


def _poll(target: Target, watch: Watch) -> None:
    watch.pause, watch.polls = 0.0, watch.polls + 1
    for name, given in watch.asked.items():
        operation = target.vendor.operations[name]
        exchange = target.send(build(target.vendor, operation, given), watch.login, watch.subject, poll=True)
        watch.pause = max(watch.pause, min(retry_after(exchange.answer) or 0.0, target.settings.limits.pause))
        shown = watch.lifecycle.shown(name, exchange.request, exchange.answer)
        kinds = watch.lifecycle.kinds(shown)
        refused = exchange.answer is not None and 400 <= exchange.answer.status < 500 and exchange.answer.status != 429
        if "gone" in kinds - watch.kinds:
            watch.ended = 0
        watch.kinds |= kinds
        if name == next(iter(watch.asked)):
            ends = bool(shown and kinds <= TERMINAL) or (shown is None and refused)
            watch.left = watch.left or (watch.ended > 0 and not ends)
            watch.ended += ends or watch.ended > 0  # also where an end is left: that is seen, and followed no further
            watch.standing += kinds == {"waiting"}
            watch.silent = watch.silent + 1 if shown is None and not refused and not is_gap(exchange.answer) else 0
        if watch.polls == 1 or watch.ended == 1:
            for more in watch.others.get(name, ()):
                target.send(build(target.vendor, operation, {**given, **more}), watch.login, watch.subject)


def look_back(target: Target, watch: Watch) -> None:
    """Ask once more about what was followed to its end, where it has a name: another one has begun since."""
    for name, given in watch.asked.items():
        if given and watch.ended:
            request = build(target.vendor, target.vendor.operations[name], given)
            target.send(request, watch.login, watch.subject, poll=True)


def _awaits_disappearance(target: Target, watch: Watch) -> bool:
    """Whether a subject that vanishes after its end is still there."""
    path = target.vendor.subjects[watch.subject].path if watch.subject else ()
    return (
        bool(path) and not watch.left and watch.lifecycle.stages[path[-1]].kind == "gone" and "gone" not in watch.kinds
    )


def _over(target: Target, watch: Watch) -> bool:
    """Whether a watch is over; an identifier that has ended is not precious any more."""
    polls, first = target.settings.polls, watch.lifecycle.views[next(iter(watch.asked))]
    if target.is_given_up(first.operation) or watch.silent > SILENCE:
        return True
    waits_for_nobody = first.latest and watch.subject is None and watch.standing >= 3
    if watch.ended > polls.after_end and not _awaits_disappearance(target, watch):
        target.running -= {tuple(given.items()) for given in watch.asked.values()}
        return True
    return waits_for_nobody or target.clock() - watch.begun >= (polls.at_most or watch.lifecycle.at_most)


def supplied(target: Target, lifecycle: Lifecycle, others: Mapping[str, Sequence[Given]]) -> Iterator[Watch]:
    """A watch for each supplied identifier, and one for what is there as it is, where nothing identifies it.

    The first of each operation that ends in an answer of success is asked about in `others` ways as well.
    """
    watched, varied = set[str](), set[str]()
    for name, subject in target.vendor.subjects.items():
        for view in lifecycle.views if subject.path else ():
            for given, login in target.identified(name, target.vendor.operations[view]):
                apt = lifecycle.has_body(view, subject.path[-1]) and view not in varied
                more = others if apt else {}
                watched.add(view)
                varied |= {view} if apt else set()
                yield Watch(lifecycle, {view: given}, name, target.clock(), more, login)
    for name, seen in lifecycle.views.items():
        if seen.latest and name not in watched:
            yield Watch(lifecycle, {name: {}}, None, target.clock(), others)
