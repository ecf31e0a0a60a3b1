"""`answers`: what is asked about a subject is answered otherwise."""

from __future__ import annotations

from dataclasses import replace

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene
from pollspec.servers.faults.provoked import concerns, misanswers


def _miscodes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The code that the answer mentions is another one."""
    if "mentions" not in belief.says:
        return

    def act(scene: Scene) -> Answer | None:
        if not concerns(scene, belief):
            return None
        text = scene.answer.content.decode("utf-8", "replace")
        return replace(scene.answer, content=text.replace(str(belief.says["mentions"]), "4711").encode())

    yield Fault(misdeed, belief, "answers with another code", act=act)


MISDEEDS = {
    "answers-otherwise": misanswers,
    "mistakes-the-code": _miscodes,
}
