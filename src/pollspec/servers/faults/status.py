"""`status`: a status is not a documented one, or not the one of what is said with it."""

from __future__ import annotations

from dataclasses import replace

from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.fault import Derived, Fault, Misdeed, Scene

UNDOCUMENTED = (203, 206, 205, 299, *range(207, 299))


def _strange_success(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.name != "success":
        return
    operation = vendor.operations[belief.operation]
    status = next(code for code in UNDOCUMENTED if operation.response(code) is None)

    def act(scene: Scene) -> Answer | None:
        if scene.operation == belief.operation and 200 <= scene.answer.status < 300:
            return replace(scene.answer, status=status)
        return None

    yield Fault(misdeed, belief, f"answers {status} where a success is due", str(status), act=act)


def _crashes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    if belief.name != "no-crash":
        return

    def act(scene: Scene) -> Answer | None:
        if scene.operation == belief.operation and len(scene.successes(scene.operation)) >= 2:
            return Answer(500, (("content-type", "text/plain"),), b"Internal Server Error")
        return None

    yield Fault(misdeed, belief, "fails with 500 once it has answered twice", act=act)


MISDEEDS = {
    "succeeds-strangely": _strange_success,
    "crashes": _crashes,
}
