"""What is asked of a target: traces first (a running operation is precious), then what provokes each belief."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from . import invent
from .grammar import expressions
from .grammar.lifecycles import TERMINAL, Lifecycle, is_gap
from .keywords import judge
from .messages import Headers, Missing, Request
from .plan import Recipe, Secrets, build, is_complete, may_write, minted, recipes
from .target import Given, Target
from .vendor import Belief
from .wire.pace import retry_after

SILENCE = 10
"""Answers in a row without any state, after which an operation is followed no further."""


@dataclass
class Watch:
    """One instance that is followed: which operations are asked about it, and how often it was seen at its end."""

    lifecycle: Lifecycle
    asked: Mapping[str, Given]
    subject: str | None
    begun: float
    ended: int = 0
    standing: int = 0
    silent: int = 0
    left: bool = False
    pause: float = 0.0
    kinds: set[str] = field(default_factory=set)


def follow(target: Target, watches: Iterable[Watch]) -> None:
    """Poll several instances in turn, each from first contact to its end and a little beyond, or to its deadline.

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
    watch.pause = 0.0
    for name, given in watch.asked.items():
        operation = target.vendor.operations[name]
        exchange = target.send(build(target.vendor, operation, given), subject=watch.subject)
        target.polled[name] += 1
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


def _awaits_disappearance(target: Target, watch: Watch) -> bool:
    """Whether a subject that vanishes after its end is still there."""
    path = target.vendor.subjects[watch.subject].path if watch.subject else ()
    return (
        bool(path) and not watch.left and watch.lifecycle.stages[path[-1]].kind == "gone" and "gone" not in watch.kinds
    )


def _over(target: Target, watch: Watch) -> bool:
    """Whether a watch is over; an identifier that has ended is not precious any more."""
    polls, first = target.settings.polls, watch.lifecycle.views[next(iter(watch.asked))]
    if target.is_given_up(first.operation) or watch.silent >= SILENCE:
        return True
    waits_for_nobody = first.latest and watch.subject is None and watch.standing >= 3
    if watch.ended > polls.after_end and not _awaits_disappearance(target, watch):
        target.running -= {tuple(given.items()) for given in watch.asked.values()}
        return True
    return waits_for_nobody or target.clock() - watch.begun >= (polls.at_most or watch.lifecycle.at_most)


def traces(target: Target, seed: int) -> None:
    """Every lifecycle from start to end: what may be started here, then every subject that was supplied."""
    for lifecycle in target.vendor.lifecycles.values():
        if lifecycle.start and target.settings.allow_writes:
            _started(target, lifecycle, Secrets(target, seed))
        follow(target, list(_supplied(target, lifecycle)))


def _started(target: Target, lifecycle: Lifecycle, secrets: Secrets) -> None:
    """Start what the user wants started, then what the beliefs ask for; follow each to its end before the next."""
    assert lifecycle.start is not None
    operation = target.vendor.operations[lifecycle.start.operation]
    stated = [b for b in target.vendor.beliefs if b.operation == operation.id]
    fields = [belief.says["field"] for belief in stated if belief.keyword == "keeps-secret"]
    body = target.settings.bodies.get(operation.id)
    if not may_write(target, operation):
        return
    own = [build(target.vendor, operation, {}, body)] if body is not None else []
    own += [build(target.vendor, operation, values, body) for values in target.settings.starts]
    planned = [recipe for b in stated if b.keyword == "answers" for recipe in recipes(target, b)]
    for request in [*own, *(_with_secrets(target, recipe, fields, secrets) for recipe in planned)]:
        begun = target.clock()
        exchange = target.send(request)
        if (given := minted(lifecycle.start, exchange)) is not None:
            asked = {name: ({} if view.latest else given) for name, view in lifecycle.views.items()}
            target.started.append(" ".join(str(value) for value in given.values()))
            follow(target, [Watch(lifecycle, asked, None, begun)])


def _with_secrets(target: Target, recipe: Recipe, fields: list[str], secrets: Secrets) -> Request:
    """The recipe's request, with a value of our own in each secret field that it sends."""
    sent = [text for text in fields if not isinstance(expressions.value(text, recipe.request), Missing)]
    own = {text: secrets.fresh(expressions.parse(text).name) for text in sent}
    operation = target.vendor.operations[recipe.belief.operation]
    return build(target.vendor, operation, {**recipe.values, **own}, target.settings.bodies.get(operation.id))


def _supplied(target: Target, lifecycle: Lifecycle) -> Iterable[Watch]:
    """A watch for each supplied identifier, and one for what is there as it is, where nothing identifies it."""
    found = []
    for name, subject in target.vendor.subjects.items():
        for view in lifecycle.views.values():
            operation = target.vendor.operations[view.operation]
            for given in target.given(name, operation) if subject.path else []:
                found.append(Watch(lifecycle, {view.operation: given}, name, target.clock()))
    for view in lifecycle.views.values():
        if view.latest and not any(view.operation in watch.asked for watch in found):
            found.append(Watch(lifecycle, {view.operation: {}}, None, target.clock()))
    return found


def provoke(target: Target, beliefs: Iterable[Belief]) -> None:
    """Send what provokes each belief, unless it was judged already on what is there (refusals are always sent).

    What is sent without a valid credential is sent once, for all beliefs that want it: wrong logins lock accounts.
    """
    strange: set[tuple[str, str, Headers, bytes]] = set()
    for belief in beliefs:
        operation = target.vendor.operations[belief.operation]
        start = any(lc.start and lc.start.operation == operation.id for lc in target.vendor.lifecycles.values())
        if belief.keyword not in {"answers", "refuses", "selects"} or (start and belief.keyword == "answers"):
            continue
        if belief.keyword == "answers" and judge(target.vendor, target.exchanges, [belief])[0].tried:
            continue
        for recipe in recipes(target, belief):
            asked = (recipe.credential, recipe.request.target, recipe.request.headers, recipe.request.content)
            if recipe.credential not in {"none", "invalid"} or asked not in strange:
                target.send(recipe.request, recipe.credential, recipe.subject)
                strange.add(asked)


def _follows(target: Target, belief: Belief) -> bool:
    """Whether a belief wants traces: to be judged on, or because what provokes it asks about what has ended."""
    if belief.keyword != "refuses":
        return belief.keyword != "sample"
    operation = target.vendor.operations[belief.operation]
    return any(not is_complete(operation, sends) for sends in belief.says.get("sends", [{}]))


def explore(target: Target, seed: int, examples: int, beliefs: Sequence[Belief] | None = None) -> None:
    """Everything that some beliefs need (all by default), in order.

    `examples`: made-up requests an operation; 0 sends only what was planned.
    """
    beliefs = target.vendor.beliefs if beliefs is None else beliefs
    passing = [name for name, subject in target.vendor.subjects.items() if subject.path]
    supplied = [given for name in passing for given in target.settings.subjects.get(name, [])]
    target.running |= {tuple(given.items()) for given in supplied}
    if any(_follows(target, belief) for belief in beliefs):
        traces(target, seed)
    provoke(target, beliefs)
    if examples and any(belief.keyword != "sample" for belief in beliefs):
        for operation in {belief.operation: None for belief in beliefs}:
            invent.data(target, target.vendor.operations[operation], examples, seed)
        invent.orders(target, examples=4 if target.embedded else 1, steps=20 if target.embedded else 8, seed=seed)
