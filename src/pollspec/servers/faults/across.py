"""What can go wrong along one instance: progress that goes back, an end that is left, two views that disagree."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import any_holds, instant, is_number
from pollspec.document.lifecycles import TERMINAL, identity
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.alone import put
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, broken, edited, other

UNLISTED = "pollspec-unlisted"


def _values(belief: Belief, request: Request, answer: Answer, text: str) -> Iterator[tuple[str, str, Any]]:
    """What is followed in an answer: a key that identifies it, the pointer where it stands, the value."""
    each = belief.says.get("each")
    if each is None:
        value = expressions.value(text, request, answer)
        if value is not MISSING and value is not None:
            yield text, expressions.parse(text).name, value
        return
    items = expressions.value(each["in"], request, answer)
    for index, item in enumerate(items if isinstance(items, list) else []):
        value = pointers.get(item, text)
        if value is not MISSING and value is not None:
            yield (
                f"{pointers.get(item, each['by'])} {text}",
                f"{expressions.parse(each['in']).name}/{index}{text}",
                value,
            )


def _earlier(scene: Scene, belief: Belief, text: str) -> dict[str, Any]:
    """The last value before of each thing that is followed."""
    return {key: value for r, a in scene.earlier() for key, _, value in _values(belief, r, a, text)}


def _goes_back(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    unless = vendor.conditions(belief.says.get("unless"))

    def act(scene: Scene) -> Answer | None:
        if scene.operation != belief.operation or any_holds(unless, scene.request, scene.answer):
            return None
        earlier = _earlier(scene, belief, belief.says["value"])
        for key, pointer, value in _values(belief, scene.request, scene.answer, belief.says["value"]):
            less = _less(earlier.get(key))
            if less is not None and value is not MISSING:
                return edited(scene.answer, {pointer: less})
        return None

    yield Fault(misdeed, belief, "shows one less than before", act=act)


def _less(value: Any) -> Any:
    """One less than a number above 0, a list without its last item, a second before an instant; else None."""
    if isinstance(value, list):
        return value[:-1] or None
    if is_number(value):
        return value - 1 if value >= 1 else None
    moment = instant(value)
    return None if moment is None else (moment - datetime.timedelta(seconds=1)).isoformat()


def _changes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    once = vendor.condition(belief.says.get("once"))
    for text in belief.says["values"]:

        def act(scene: Scene, text: str = text) -> Answer | None:
            earlier = [(r, a) for r, a in scene.earlier() if once.holds(r, a)]
            if scene.operation != belief.operation or len(earlier) < 2:
                return None
            known = {key: value for r, a in earlier for key, _, value in _values(belief, r, a, text)}
            for key, pointer, value in _values(belief, scene.request, scene.answer, text):
                if key in known:
                    return edited(scene.answer, {pointer: other(value)})
            return None

        yield Fault(misdeed, belief, "shows another one midway", text.rsplit("/", 1)[-1], act=act)


def _leaves_its_end(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Once a stage was seen, an answer from a stage that cannot follow: an earlier one, or one made up."""
    lifecycle = vendor.lifecycle_of(belief.operation)
    unless = vendor.conditions(belief.says.get("unless"))
    for name in belief.says.get("from", []):

        def act(scene: Scene, name: str = name) -> Answer | None:
            if scene.operation != belief.operation or lifecycle is None:
                return None
            seen = [(r, a, scene.shown(r, a)) for r, a in scene.earlier()]
            if not any(name in (shown or ()) for _, _, shown in seen):
                return None
            after = lifecycle.after(frozenset(s for _, _, shown in seen[-1:] for s in shown or ()))
            for r, a, shown in seen:
                if shown and not shown & after and not any_holds(unless, r, a):
                    return a
            return _restarted(scene, belief, after)

        if lifecycle is not None and belief.operation in lifecycle.stages[name].states:
            yield Fault(misdeed, belief, f"goes on after {name}", name, act=act)


def _restarted(scene: Scene, belief: Belief, after: frozenset[str]) -> Answer | None:
    """The true answer with the state of a stage that cannot follow."""
    lifecycle = scene.lifecycle
    assert lifecycle is not None
    view = lifecycle.views[belief.operation]
    stays = {text for s in after for text in _texts(lifecycle.stages[s].states.get(belief.operation))}
    for name, stage in lifecycle.stages.items():
        state = next(iter(_texts(stage.states.get(belief.operation))), None)
        if name not in after and state is not None and state not in stays:
            return put(scene, view.state, state) if 200 <= scene.answer.status < 300 else None
    return None


def _texts(state: Any) -> list[str]:
    return [state] if isinstance(state, str) else list(state) if isinstance(state, list) else []


def _succeeds_instead(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """What is known to fail ends as what succeeds does."""
    lifecycle = vendor.lifecycle_of(belief.operation)
    if lifecycle is None or lifecycle.kinds(frozenset(belief.says.get("arrives", ()))) != {"failed"}:
        return

    def act(scene: Scene) -> Answer | None:
        shown = scene.shown(scene.request, scene.answer) or frozenset()
        if scene.operation != belief.operation or not shown & set(belief.says["arrives"]):
            return None
        done = [a for r, a in scene.past if r.operation == scene.operation and _is_done(scene, r, a)]
        return done[-1] if done else None

    yield Fault(misdeed, belief, "shows a failure as a success", act=act)


def _is_done(scene: Scene, request: Request, answer: Answer) -> bool:
    shown, lifecycle = scene.shown(request, answer), scene.lifecycle
    return lifecycle is not None and lifecycle.kinds(shown) == {"done"}


def _never_arrives(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    lifecycle = vendor.lifecycle_of(belief.operation)
    if lifecycle is None or "arrives" not in belief.says:
        return

    def act(scene: Scene) -> Answer | None:
        shown = scene.shown(scene.request, scene.answer) or frozenset()
        ends = sorted(shown & set(belief.says["arrives"])) if scene.operation == belief.operation else []
        if not ends:
            return None
        if _texts(lifecycle.stages[ends[0]].states[belief.operation]):
            return put(scene, lifecycle.views[belief.operation].state, UNLISTED)
        return replace(scene.answer, status=302 if scene.answer.status != 302 else 307)

    yield Fault(misdeed, belief, "shows its end in words that are not documented", act=act)


def _minted(scene: Scene, belief: Belief) -> set[str]:
    """What was handed over so far."""
    found = (expressions.value(belief.says["gives"], r, a) for r, a in scene.successes(belief.operation))
    return {identity([value]) for value in found if value is not MISSING}


def _about_it(scene: Scene, belief: Belief) -> bool:
    return scene.operation == belief.says["to"] and scene.instance(scene.request) in _minted(scene, belief)


def _loses(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if {"shows", "waits-less-than", "anew"} & set(belief.says):
        return

    def act(scene: Scene) -> Answer | None:
        if not _about_it(scene, belief):
            return None
        return Answer(404, (("content-type", "application/json"),), b'{"error": {"message": "not found"}}')

    yield Fault(misdeed, belief, "does not find what it has handed over", act=act)


def _hands_over_another(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if {"shows", "waits-less-than", "anew"} & set(belief.says):
        return

    def act(scene: Scene) -> Answer | None:
        value = expressions.value(belief.says["gives"], scene.request, scene.answer)
        if scene.operation != belief.operation or value is MISSING:
            return None
        return put(scene, belief.says["gives"], other(value))

    yield Fault(misdeed, belief, "hands over an identifier that leads nowhere", act=act)


def _misdescribes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    for text, clause in belief.says.get("shows", {}).items():

        def act(scene: Scene, text: str = text, clause: Any = clause) -> Answer | None:
            return broken(scene, text, clause) if _about_it(scene, belief) else None

        yield Fault(misdeed, belief, f"shows something else at {text}", text.rsplit("/", 1)[-1], act=act)


def _hands_over_again(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    def act(scene: Scene) -> Answer | None:
        before = [a for _, a in scene.successes(belief.operation)]
        return before[0] if scene.operation == belief.operation and before and scene.answer.status < 400 else None

    if "anew" in belief.says:
        yield Fault(misdeed, belief, "answers every start with the first one's identifier", act=act)


def _waits(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if "waits-less-than" not in belief.says:
        return

    def act(scene: Scene) -> Answer | None:
        when = vendor.conditions(belief.says.get("when"))
        if scene.operation == belief.operation and (not when or any_holds(when, scene.request, scene.answer)):
            scene.waits = 4.0 * belief.says["waits-less-than"]
        return None

    yield Fault(misdeed, belief, "answers only when all is over", act=act)


def _disagrees(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    lifecycle = vendor.lifecycles[belief.says["of"]]

    def act(scene: Scene) -> Answer | None:
        if scene.operation != belief.operation:
            return None
        ends = [
            shown
            for r, a in scene.past
            if r.operation == belief.says["with"]
            and (shown := scene.shown(r, a))
            and lifecycle.kinds(shown) <= TERMINAL
        ]
        return _restarted(scene, belief, lifecycle.after(ends[-1])) if ends else None

    yield Fault(misdeed, belief, "shows another state than the other operation", act=act)


MISDEEDS = (
    Misdeed("goes-backwards", "never-decreases", _goes_back),
    Misdeed("changes-midway", "never-changes", _changes),
    Misdeed("leaves-its-end", "lifecycle", _leaves_its_end),
    Misdeed("succeeds-instead", "lifecycle", _succeeds_instead),
    Misdeed("never-arrives", "lifecycle", _never_arrives),
    Misdeed("loses-what-it-started", "hands-over", _loses),
    Misdeed("hands-over-another", "hands-over", _hands_over_another),
    Misdeed("hands-over-again", "hands-over", _hands_over_again),
    Misdeed("misdescribes", "hands-over", _misdescribes),
    Misdeed("waits-for-the-end", "hands-over", _waits),
    Misdeed("disagrees", "agrees", _disagrees),
)
