"""`lifecycle`: a stage is followed by one that may not follow it; a subject arrives elsewhere, or nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pollspec.document.conditions import any_holds
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import put
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene
from pollspec.servers.faults.stages import playing, restarted, texts

UNLISTED = "pollspec-unlisted"


def _leaves_its_end(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Once a stage was seen, an answer from a stage that cannot follow: an earlier one, or one made up."""
    lifecycle = vendor.lifecycle_of(belief.operation)
    for name in belief.says.get("from", []) if lifecycle else ():

        def act(scene: Scene, name: str = name) -> Answer | None:
            return _goes_on(scene, belief, name) if scene.operation == belief.operation else None

        shown = lifecycle is not None and belief.operation in lifecycle.stages[name].states
        if shown and lifecycle is not None and lifecycle.closure[name] != frozenset(lifecycle.stages):
            yield Fault(misdeed, belief, f"goes on after {name}", name, act=act)


def _goes_on(scene: Scene, belief: Belief, name: str) -> Answer | None:
    """An answer of a stage that cannot be seen after a named one; that one itself where no subject comes to it."""
    seen, lifecycle = [(r, a, scene.shown(r, a)) for r, a in scene.earlier()], scene.lifecycle
    if lifecycle is None or not any(name in (shown or ()) for _, _, shown in seen):
        passed = {stage for subject in scene.vendor.subjects.values() for stage in subject.path}
        return playing(scene, name) if name not in passed and len(seen) == 1 else None
    unless = scene.vendor.conditions(belief.says.get("unless"))
    after = lifecycle.after(seen[-1][2] or frozenset())
    strange = (a for r, a, shown in seen if shown and not shown & after and not any_holds(unless, r, a))
    return next(strange, None) or restarted(scene, belief, after)


def _hurries(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Right after a stage, a stage that comes only after an end, which lasts a while."""
    lifecycle = vendor.lifecycle_of(belief.operation)
    for name in belief.says.get("from", []) if lifecycle else ():
        assert lifecycle is not None
        shown = _late(lifecycle, belief.operation, name)

        def act(scene: Scene, name: str = name, shown: list[str] = shown) -> Answer | None:
            earlier = scene.earlier() if scene.operation == belief.operation else []
            return playing(scene, shown[0]) if earlier and name in (scene.shown(*earlier[-1]) or ()) else None

        if shown:
            yield Fault(misdeed, belief, f"goes from {name} to {shown[0]} at once", name, act=act)


def _late(lifecycle: Lifecycle, operation: str, name: str) -> list[str]:
    """The stages that are shown only after an end that follows a stage, in words that no earlier one has."""

    def state(stage: str) -> Any:
        return lifecycle.stages[stage].states.get(operation)

    alike = frozenset(stage for stage in lifecycle.stages if state(stage) == state(name))
    soon = lifecycle.soon_after(alike, operation)
    told = [state(stage) for stage in soon]
    words = {word for stage in soon for word in texts(state(stage))}
    late = sorted(lifecycle.after(alike) - soon) if state(name) is not None else []
    return [one for one in late if state(one) not in [None, *told] and not words & set(texts(state(one)))]


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
        if texts(lifecycle.stages[ends[0]].states[belief.operation]):
            return put(scene, lifecycle.views[belief.operation].state, UNLISTED)
        return replace(scene.answer, status=302 if scene.answer.status != 302 else 307)

    yield Fault(misdeed, belief, "shows its end in words that are not documented", act=act)


def _shows_the_newer(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Whoever asks about what has ended is shown what was started since."""
    lifecycle, view = vendor.lifecycle_of(belief.operation), vendor.view_of(belief.operation)

    def act(scene: Scene) -> Answer | None:
        earlier = scene.earlier() if scene.operation == belief.operation else []
        shown = scene.shown(*earlier[-1]) if earlier else None
        if lifecycle is None or lifecycle.start is None or not shown or not shown <= ends:
            return None
        starts = scene.successes(lifecycle.start.operation)
        since = starts and scene.past.index(starts[-1]) > scene.past.index(earlier[-1])
        return restarted(scene, belief, lifecycle.after(shown)) if since else None

    ends = frozenset(belief.says.get("from", ()))
    over = lifecycle is not None and {"done", "failed"} <= lifecycle.kinds(ends)
    if over and lifecycle is not None and lifecycle.start and view is not None and not view.latest:
        yield Fault(misdeed, belief, "shows of an older one what was started since", act=act)


MISDEEDS = {
    "shows-the-newer": _shows_the_newer,
    "leaves-its-end": _leaves_its_end,
    "passes-its-end": _hurries,
    "succeeds-instead": _succeeds_instead,
    "never-arrives": _never_arrives,
}
