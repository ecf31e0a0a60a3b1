"""What can go wrong inside one answer: repetitions, bounds, counts, conditions."""

from __future__ import annotations

import datetime
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import any_holds, instant, is_number
from pollspec.document.messages import MISSING, Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, broken, edited, other, with_header


def _concerned(scene: Scene, belief: Belief) -> bool:
    when = scene.vendor.conditions(belief.says.get("when"))
    good = scene.operation == belief.operation and 200 <= scene.answer.status < 400
    return good and (not when or any_holds(when, scene.request, scene.answer))


def _told(scene: Scene, text: str) -> Any:
    return expressions.value(text, scene.request, scene.answer)


def put(scene: Scene, text: str, value: Any) -> Answer:
    """The true answer with another value at an expression."""
    expression = expressions.parse(text)
    if expression.place == "header":
        return with_header(scene.answer, expression.name, str(value))
    return edited(scene.answer, {expression.name: value})


def _mixes_up(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    def act(scene: Scene) -> Answer | None:
        value = _told(scene, belief.says["value"])
        if not _concerned(scene, belief) or value is MISSING or value is None:
            return None
        return put(
            scene,
            belief.says["value"],
            "https://pollspec.invalid/elsewhere" if belief.says.get("part") else other(value),
        )

    yield Fault(misdeed, belief, "repeats another's", act=act)


def _exceeds(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    def act(scene: Scene) -> Answer | None:
        value, limit = _told(scene, belief.says["value"]), _told(scene, belief.says["limit"])
        if not _concerned(scene, belief) or value is MISSING or limit is MISSING:
            return None
        if is_number(value) and is_number(limit):
            return put(scene, belief.says["value"], limit + 1)
        moment = instant(limit)
        if moment is None:
            return None
        return put(scene, belief.says["value"], (moment + datetime.timedelta(seconds=1)).isoformat())

    yield Fault(misdeed, belief, "shows one more than the limit", act=act)


def _miscounts(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The number is one too small for the list, or what is counted beside the list is one too many."""

    def number(scene: Scene) -> int | None:
        items = _told(scene, belief.says["items"])
        if not _concerned(scene, belief) or not isinstance(items, list):
            return None
        clauses = belief.says.get("where", {})
        return sum(
            all(vendor.compiled(clause).is_valid(pointers.get(item, pointer)) for pointer, clause in clauses.items())
            for item in items
        )

    def understates(scene: Scene) -> Answer | None:
        listed, plus = number(scene), _told(scene, belief.says["plus"]) if "plus" in belief.says else 0
        if listed is None or not is_number(plus) or not listed + plus:
            return None
        return put(scene, belief.says["at-most"], listed + plus - 1)

    def overstates(scene: Scene) -> Answer | None:
        listed, limit = number(scene), _told(scene, belief.says["at-most"])
        return put(scene, belief.says["plus"], limit - listed + 1) if listed and is_number(limit) else None

    yield Fault(misdeed, belief, "counts fewer than it lists", "fewer", act=understates)
    if "plus" in belief.says:
        yield Fault(misdeed, belief, "counts more than it lists", "more", act=overstates)


def _contradicts(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    for text, clause in belief.says["then"].items():

        def act(scene: Scene, text: str = text, clause: Any = clause) -> Answer | None:
            return broken(scene, text, clause) if _concerned(scene, belief) else None

        yield Fault(misdeed, belief, f"contradicts itself at {text}", text.replace("$response.", ""), act=act)


def _freezes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """A number stays at its first value while the state says that all is over."""
    followed = {b.says["value"] for b in vendor.beliefs if b.keyword == "never-decreases" and "each" not in b.says}
    held = set(belief.says.get("then", {})) | {belief.says.get("limit"), belief.says.get("value")}
    for text in sorted(
        followed & {place for place in held if isinstance(place, str)} if belief.says.get("when") else ()
    ):

        def act(scene: Scene, text: str = text) -> Answer | None:
            now = _told(scene, text)
            earlier = [expressions.value(text, r, a) for r, a in scene.earlier()]
            first = next((value for value in earlier if value is not MISSING), None)
            if not _concerned(scene, belief) or first is None or first == now:
                return None
            return put(scene, text, first)

        yield Fault(misdeed, belief, "shows a frozen number at the end", text.rsplit("/", 1)[-1], act=act)


MISDEEDS = (
    Misdeed("mixes-up", "echoes", _mixes_up),
    Misdeed("exceeds-the-limit", "at-most", _exceeds),
    Misdeed("freezes-a-count", "at-most", _freezes),
    Misdeed("miscounts", "counts", _miscounts),
    Misdeed("contradicts-itself", "only-when", _contradicts),
    Misdeed("freezes-the-progress", "only-when", _freezes),
)
