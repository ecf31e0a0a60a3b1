"""`tells-apart`: a thing is shown under an identifier that is nearly its own."""

from __future__ import annotations

import re
from collections.abc import Callable

from pollspec.document import expressions
from pollspec.document.conditions import GUID
from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.fault import Derive, Derived, Fault, Misdeed, Scene

BITS = 32
"""Of the integers of a server that counts in too few of them."""
NUMBER = re.compile(r"-?\d{1,30}")

Near = Callable[[str, str], bool]
"""Whether an identifier that is known is taken for the one that is asked for."""


def _takes(apt: Callable[[str], object], near: Near, does: str) -> Derive:
    """What is near an identifier is taken for it. `apt`: of which identifiers that can be said."""

    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        last = _identifiers(vendor, belief)[-1]
        known = [str(one.given[last]) for one in vendor.subjects.values() if one.path and last in one.given]

        def act(scene: Scene) -> Answer | None:
            return _taken(scene, belief, near) if scene.operation == belief.operation else None

        if any(map(apt, known)):
            yield Fault(misdeed, belief, does, act=act)

    return derive


def _taken(scene: Scene, belief: Belief, near: Near) -> Answer | None:
    """The last answer about something near what is asked for, where that is not there."""
    if _shows(scene, scene.request, scene.answer):
        return None
    *before, last = _identifiers(scene.vendor, belief)
    for request, answer in reversed(scene.past):
        if request.operation == scene.operation and _shows(scene, request, answer):
            same = all(expressions.value(text, request) == scene.value(text) for text in before)
            if same and near(_text(request, last), _text(scene.request, last)):
                return answer
    return None


def _identifiers(vendor: Vendor, belief: Belief) -> tuple[str, ...]:
    """The expressions by which a thing is asked for; the last one tells things apart."""
    lifecycle = vendor.lifecycle_of(belief.operation)
    assert lifecycle is not None
    return lifecycle.views[belief.operation].asked_by


def _text(request: Request, text: str) -> str:
    return str(expressions.value(text, request)).lower()


def _shows(scene: Scene, request: Request, answer: Answer) -> bool:
    """Whether an answer shows a thing that is there."""
    lifecycle = scene.vendor.lifecycle_of(request.operation)
    return bool(lifecycle and lifecycle.kinds(scene.shown(request, answer)) - {"gone"})


def _overflows(known: str, asked: str) -> bool:
    numbers = NUMBER.fullmatch(known) and NUMBER.fullmatch(asked)
    return bool(numbers) and (int(known) - int(asked)) % 2**BITS == 0


def _negates(known: str, asked: str) -> bool:
    return asked == f"-{known}"


def _begins_alike(known: str, asked: str) -> bool:
    return bool(asked) and (known.startswith(asked) or asked.startswith(known))


def _one_off(known: str, asked: str) -> bool:
    return len(known) == len(asked) and sum(one != other for one, other in zip(known, asked, strict=True)) == 1


def _is_text(known: str) -> bool:
    return not NUMBER.fullmatch(known)


MISDEEDS = {
    "overflows": _takes(NUMBER.fullmatch, _overflows, f"counts identifiers in {BITS} bits"),
    "ignores-the-sign": _takes(NUMBER.fullmatch, _negates, "takes no notice of the sign of an identifier"),
    "answers-a-neighbour": _takes(GUID.fullmatch, _one_off, "shows what has an identifier of one other digit"),
    "looks-at-the-beginning": _takes(_is_text, _begins_alike, "shows what has an identifier that begins alike"),
}
