"""Instances that are moved, where that is allowed: only what was started for it, once from each stage it may be."""

from __future__ import annotations

from collections.abc import Sequence

from pollspec.document.lifecycles import TERMINAL, Lifecycle
from pollspec.document.vendor import Belief
from pollspec.trial.factors import Given
from pollspec.trial.polling import Watch, follow
from pollspec.trial.request import build, minted
from pollspec.trial.starts import Planned, may_write
from pollspec.trial.target import Target


def move_all(target: Target, lifecycle: Lifecycle, planned: Sequence[Planned], beliefs: Sequence[Belief]) -> None:
    """Start one for each move, have it moved from the first and from the last stage; once more, when it has ended."""
    for belief in beliefs:
        operation = target.vendor.operations[belief.operation]
        if belief.operation in lifecycle.moves and "to" in belief.says and planned and may_write(target, operation):
            stages = belief.says["from"]
            for stage in dict.fromkeys((stages[0], stages[-1])):
                _move(target, lifecycle, planned[0], belief, stage)


def _move(target: Target, lifecycle: Lifecycle, planned: Planned, belief: Belief, stage: str) -> None:
    request, subject = planned
    begun = target.clock()
    if (given := minted(lifecycle, target.send(request))) is None:
        return
    move = build(target.vendor, target.vendor.operations[belief.operation], given)
    asked: dict[str, Given] = {name: given for name, view in lifecycle.views.items() if not view.latest}
    if asked and _comes_to(target, lifecycle, asked, stage):
        target.send(move, "default", subject)
        follow(target, [Watch(lifecycle, asked, subject, begun)])
        target.send(move, "default", subject)


def _comes_to(target: Target, lifecycle: Lifecycle, asked: dict[str, Given], stage: str) -> bool:
    """Whether an instance shows a stage before it is over; it is polled until then."""
    (name, given), polls = next(iter(asked.items())), target.settings.polls
    deadline = target.clock() + (polls.at_most or lifecycle.at_most)
    while target.clock() < deadline and not target.is_given_up(name):
        exchange = target.send(build(target.vendor, target.vendor.operations[name], given), poll=True)
        shown = lifecycle.shown(name, exchange.request, exchange.answer)
        if shown is not None and stage in shown:
            return True
        if shown is not None and lifecycle.kinds(shown) <= TERMINAL:
            return False
        target.pace.sleep(polls.every or lifecycle.every)
    return False
