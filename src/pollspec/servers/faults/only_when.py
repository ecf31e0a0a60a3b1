"""`only-when`: what one part of an answer says, another contradicts."""

from __future__ import annotations

from typing import Any

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.contraries import broken
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene, concerned
from pollspec.servers.faults.followed import freezes


def _contradicts(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    for text, clause in belief.says["then"].items():

        def act(scene: Scene, text: str = text, clause: Any = clause) -> Answer | None:
            return broken(scene, text, clause) if concerned(scene, belief) else None

        yield Fault(misdeed, belief, f"contradicts itself at {text}", text.replace("$response.", ""), act=act)


MISDEEDS = {
    "contradicts-itself": _contradicts,
    "freezes-the-progress": freezes,
}
