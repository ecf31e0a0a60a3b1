"""Values that are followed along one instance: shared by the keywords that compare or bound them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.keywords import Role
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import put
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, concerned


def values(belief: Belief, request: Request, answer: Answer, text: str) -> Iterator[tuple[str, str, Any]]:
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


def freezes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """A number stays at its first value while the state says that all is over."""
    followed = {text for other, text in vendor.named(belief.operation, Role.GROWING) if "each" not in other.says}
    said = [belief.says.get(word, []) for word in ("limit", "value")]
    held = set(belief.says.get("then", {})).union(*([one] if isinstance(one, str) else one for one in said))
    for text in sorted(followed & held if belief.says.get("when") else ()):

        def act(scene: Scene, text: str = text) -> Answer | None:
            now = scene.value(text)
            earlier = [expressions.value(text, r, a) for r, a in scene.earlier()]
            first = next((value for value in earlier if value is not MISSING), None)
            if not concerned(scene, belief) or first is None or first == now:
                return None
            return put(scene, text, first)

        yield Fault(misdeed, belief, "shows a frozen number at the end", text.rsplit("/", 1)[-1], act=act)
