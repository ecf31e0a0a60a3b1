"""Other values that a document leaves open: fields left out, lists empty, other members of a list, other texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..faults.fault import Scene, edited
from ..grammar import expressions
from ..grammar.conditions import is_number
from ..grammar.schemas import Property
from ..messages import MISSING, Answer
from ..vendor import Vendor
from .variation import Variation, is_free, typed

Change = Callable[[Vendor, Property, Any], Any]


def _free(change: Change, refusals: bool = False) -> Callable[[Scene], Answer | None]:
    """Change each property that no belief speaks of; the value itself leaves it."""

    def act(scene: Scene) -> Answer | None:
        if scene.answer.status >= 400 and not refusals:
            return None
        if scene.vendor.projects(scene.request):
            return None
        vendor, edits = scene.vendor, {}
        for prop, place, value in reversed(list(typed(scene))):
            if is_free(vendor, prop):
                new = change(vendor, prop, value)
                if new is MISSING or new != value:
                    edits[place] = new
        return edited(scene.answer, edits) if edits else None

    return act


def _omitted(vendor: Vendor, prop: Property, value: Any) -> Any:
    return value if prop.required else MISSING


def _emptied(vendor: Vendor, prop: Property, value: Any) -> Any:
    return [] if isinstance(value, list) and not prop.required else value


def _nulled(vendor: Vendor, prop: Property, value: Any) -> Any:
    return None if vendor.compiled(prop.node).is_valid(None) else value


def _node(vendor: Vendor, prop: Property) -> Any:
    return vendor.schemas.resolve(prop.node)[1]


def _last_listed(vendor: Vendor, prop: Property, value: Any) -> Any:
    listed = _node(vendor, prop).get("enum", [])
    return listed[-1] if listed and isinstance(value, str) else value


def _reworded(vendor: Vendor, prop: Property, value: Any) -> Any:
    fixed = {"enum", "const", "format", "pattern", "minLength"} & set(_node(vendor, prop))
    return value if fixed or not isinstance(value, str) else 'Anderer Text: 50 % – ⏳ \u202e"<b>'


def _renumbered(vendor: Vendor, prop: Property, value: Any) -> Any:
    if not is_number(value):
        return value
    return next((n for n in (1.5, 10_551_382, 7) if vendor.compiled(prop.node).is_valid(n)), value)


def _growing(scene: Scene) -> Answer | None:
    """Limits that are no counterpart elsewhere grow while an operation goes on."""
    vendor = scene.vendor
    mine = [b for b in vendor.beliefs if b.operation == scene.operation and b.keyword == "at-most"]
    values = {belief.says["value"] for belief in mine}
    edits = {}
    for belief in mine:
        limit = belief.says["limit"]
        pointer = limit.removeprefix("$response.body#")
        now = expressions.value(limit, scene.request, scene.answer)
        if limit not in values and is_number(now) and scene.answer.status < 300:
            edits[pointer] = now + len(scene.earlier())
    return edited(scene.answer, edits) if edits else None


VARIATIONS = (
    Variation("omitted", "optional fields left out", _free(_omitted)),
    Variation("emptied", "optional lists empty", _free(_emptied)),
    Variation("nulled", "nullable fields null", _free(_nulled)),
    Variation("last-listed", "the last member of each closed list", _free(_last_listed)),
    Variation("reworded", "other texts, with characters of the world", _free(_reworded)),
    Variation("reworded-refusals", "other texts of refusals", _free(_reworded, refusals=True)),
    Variation("renumbered", "other numbers where any will do", _free(_renumbered)),
    Variation("growing-totals", "totals that grow", _growing),
)
