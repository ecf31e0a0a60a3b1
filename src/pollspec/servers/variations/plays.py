"""Other courses of an operation: stages skipped, repeated, never left; states not seen before; starts of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pollspec.document import expressions, pointers
from pollspec.document.lifecycles import TERMINAL, Lifecycle
from pollspec.document.messages import Answer
from pollspec.document.vendor import Subject, Vendor
from pollspec.servers.faults.edits import put
from pollspec.servers.faults.fault import Scene
from pollspec.servers.variations.variation import Variation, is_legal

Path = tuple[str, ...]


def _paths(change: Callable[[Lifecycle, Path], Path | None]) -> Callable[[Vendor], Vendor | None]:
    """The document with other paths of its subjects; those that are not legal stay as they are."""

    def plays(vendor: Vendor) -> Vendor | None:
        subjects = {name: _subject(vendor, subject, change) for name, subject in vendor.subjects.items()}
        return replace(vendor, subjects=subjects) if subjects != dict(vendor.subjects) else None

    return plays


def _subject(vendor: Vendor, subject: Subject, change: Callable[[Lifecycle, Path], Path | None]) -> Subject:
    lifecycle = next(
        (lc for lc in vendor.lifecycles.values() if subject.path and set(subject.path) <= set(lc.stages)), None
    )
    path = change(lifecycle, subject.path) if lifecycle else None
    return replace(subject, path=path) if path else subject


def _jumps(lifecycle: Lifecycle, path: Path) -> Path | None:
    end = next((stage for stage in path if lifecycle.stages[stage].kind in TERMINAL), path[-1])
    return (path[0], end) if end in lifecycle.closure[path[0]] else None


def _at_once(lifecycle: Lifecycle, path: Path) -> Path | None:
    return next(((stage,) for stage in path if lifecycle.stages[stage].kind in TERMINAL), None)


def _lingers(lifecycle: Lifecycle, path: Path) -> Path | None:
    return (path[0],) * 6 + path[1:]


def _never_ends(lifecycle: Lifecycle, path: Path) -> Path | None:
    under_way = tuple(stage for stage in path if lifecycle.stages[stage].kind not in TERMINAL)
    return under_way or None


def _vanishes(lifecycle: Lifecycle, path: Path) -> Path | None:
    gone = next((name for name, stage in lifecycle.stages.items() if stage.kind == "gone"), None)
    return (*path, gone) if gone and path[-1] != gone and gone in lifecycle.closure[path[-1]] else None


def _comes_again(lifecycle: Lifecycle, path: Path) -> Path | None:
    return path + path if lifecycle.renews else None


def _unheard_of(kinds: frozenset[str], word: str) -> Callable[[Scene], Answer | None]:
    """States that the document does not list, where its list is open."""

    def act(scene: Scene) -> Answer | None:
        shown, lifecycle = scene.shown(scene.request, scene.answer), scene.lifecycle
        view = scene.vendor.view_of(scene.operation)
        if (
            lifecycle is None
            or view is None
            or not shown
            or not 200 <= scene.answer.status < 300
            or not lifecycle.kinds(shown) <= kinds
        ):
            return None
        if not isinstance(scene.value(view.state), str) or _listed(scene):  # nor a boolean, a list, or the status
            return None
        return put(scene, view.state, word)

    return act


def _listed(scene: Scene) -> list[str]:
    """The states that the schema lists, if its list is closed."""
    assert scene.lifecycle is not None
    where = expressions.parse(scene.lifecycle.views[scene.operation].state)
    found = scene.vendor.operations[scene.operation].response(scene.answer.status)
    if where.place == "header":
        schema = found.headers.get(where.name, {}).get("schema", {}) if found else {}
        return list(scene.vendor.schemas.resolve(schema)[1].get("enum", []))
    prop = scene.vendor.schemas.at(found.schema, pointers.tokens(where.name)) if found and found.media else None
    return list(scene.vendor.schemas.resolve(prop.node)[1].get("enum", [])) if prop else []


def _every_state(scene: Scene) -> Answer | None:
    """Every other answer shows a listed state that no stage has: it may follow anything."""
    lifecycle = scene.lifecycle
    view = scene.vendor.view_of(scene.operation)
    if lifecycle is None or view is None or not 200 <= scene.answer.status < 300 or len(scene.earlier()) % 2:
        return None
    if scene.vendor.projects(scene.request) or scene.vendor.signing.credential_of(scene.request) != "default":
        return None
    staged = str([stage.states.get(scene.operation) for stage in lifecycle.stages.values()])
    barred = str([belief.says for belief in scene.vendor.beliefs if "then" in belief.says])
    free = [state for state in _listed(scene) if f"'{state}'" not in staged and f"'{state}'" not in barred]
    return put(scene, view.state, free[len(scene.past) // 2 % len(free)]) if free else None


def _others_start(scene: Scene) -> Answer | None:
    """Where the latest is shown: after the end of ours, one that somebody else has started."""
    lifecycle = scene.lifecycle
    view = scene.vendor.view_of(scene.operation)
    if lifecycle is None or view is None or not view.latest or lifecycle.start is None:
        return None
    seen = [(answer, scene.shown(request, answer)) for request, answer in scene.earlier()]
    ended = any(shown and lifecycle.kinds(shown) <= TERMINAL for _, shown in seen)
    under_way = [answer for answer, shown in seen if shown and "active" in lifecycle.kinds(shown)]
    return under_way[0] if ended and under_way else None


def _success(place: int) -> Callable[[Scene], Answer | None]:
    """Another documented success with the same body."""

    def act(scene: Scene) -> Answer | None:
        operation = scene.vendor.operations[scene.operation]
        same = [response.code for response in operation.responses if response.code < 300 and response.media]
        if len(same) < 2 or not 200 <= scene.answer.status < 300:
            return None
        told = replace(scene.answer, status=same[place % len(same)])
        shown = (scene.shown(scene.request, answer) for answer in (scene.answer, told))
        return told if len(set(shown)) == 1 and is_legal(scene, told) else None

    return act


VARIATIONS = (
    Variation("jumps", "from the beginning straight to the end", plays=_paths(_jumps)),
    Variation("at-once", "at the end from the first contact on", plays=_paths(_at_once)),
    Variation("lingers", "a long time at the beginning", plays=_paths(_lingers)),
    Variation("never-ends", "under way for ever", plays=_paths(_never_ends)),
    Variation("vanishes", "gone some time after the end", plays=_paths(_vanishes)),
    Variation("comes-again", "another one after the end, where nothing identifies it", plays=_paths(_comes_again)),
    Variation(
        "unheard-of-states",
        "states under way that are not listed",
        _unheard_of(frozenset({"waiting", "active", "paused"}), "crunching"),
    ),
    Variation(
        "unheard-of-failures", "failures under another name", _unheard_of(frozenset({"failed"}), "aborted-by-operator")
    ),
    Variation("every-state", "listed states that may follow anything", _every_state),
    Variation("others-start", "the latest is one that somebody else has started", _others_start),
    Variation("first-success", "the first documented status of success", _success(0)),
    Variation("second-success", "the second documented status of success", _success(1)),
    Variation("third-success", "the third documented status of success", _success(2)),
)
