"""Answers of a stage that is not the next one: shared by the keywords that speak of stages."""

from __future__ import annotations

from typing import Any

from pollspec.document.messages import MISSING, Answer
from pollspec.document.vendor import Belief
from pollspec.servers.faults.edits import put, refusal
from pollspec.servers.faults.fault import Scene


def restarted(scene: Scene, belief: Belief, after: frozenset[str]) -> Answer | None:
    """The true answer with the state of a stage that cannot follow; where no text shows one, an earlier answer."""
    lifecycle = scene.lifecycle
    assert lifecycle is not None
    view = lifecycle.views[belief.operation]
    stays = {text for s in after for text in texts(lifecycle.stages[s].states.get(belief.operation))}
    for name, stage in lifecycle.stages.items():
        state = next(iter(texts(stage.states.get(belief.operation))), None)
        if name not in after and state is not None and state not in stays:
            return put(scene, view.state, state) if 200 <= scene.answer.status < 300 else None
    earlier = ((answer, scene.shown(request, answer)) for request, answer in scene.earlier())
    return next((answer for answer, shown in earlier if shown and not shown & after), None)


def playing(scene: Scene, name: str) -> Answer | None:
    """The true answer with the state of a stage, whatever shows that."""
    lifecycle = scene.lifecycle
    view = scene.vendor.view_of(scene.operation)
    if lifecycle is None or view is None:
        return None
    state = lifecycle.stages[name].states.get(scene.operation)
    match state:
        case {"status": int(status)}:
            return refusal(status)
        case {"absent": True}:
            return put(scene, view.state, MISSING)
    return put(scene, view.state, texts(state)[0]) if texts(state) else None


def texts(state: Any) -> list[str]:
    """The words that show a state; none where a status or a condition does."""
    return [state] if isinstance(state, str) else list(state) if isinstance(state, list) else []
