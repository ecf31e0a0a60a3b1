"""`header`: a documented header is missing, or is none of its kind."""

from __future__ import annotations

from collections.abc import Callable

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import with_header
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene


def _header(value: str | None, does: str) -> Callable[[Misdeed, Vendor, Belief], Derived]:
    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        wanted, _, name = belief.name.partition(".")

        def act(scene: Scene) -> Answer | None:
            found = vendor.operations[belief.operation].response(scene.answer.status)
            if scene.operation != belief.operation or found is None or found.id != wanted:
                return None
            return with_header(scene.answer, name, value)

        yield Fault(misdeed, belief, f"{does} {name}", act=act)

    return derive


MISDEEDS = {
    "forgets-the-header": _header(None, "leaves out"),
    "garbles-the-header": _header("http://[", "sends no URI reference in"),
}
