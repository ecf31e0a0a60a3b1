"""`status`: a status is not a documented one, or not the one of what is said with it."""

from __future__ import annotations

from dataclasses import replace

from pollspec.document import pointers
from pollspec.document.conditions import same
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

    enough = 1 if vendor.operations[belief.operation].writes else 2
    enough = enough if vendor.lifecycle_of(belief.operation) else 0  # nothing waits for its answer

    def act(scene: Scene) -> Answer | None:
        if scene.operation == belief.operation and len(scene.successes(scene.operation)) >= enough:
            return Answer(500, (("content-type", "text/plain"),), b"Internal Server Error")
        return None

    yield Fault(misdeed, belief, "fails with 500 once it has answered", act=act)


OTHER_REDIRECTS = (302, 307, 301, 308, 303)


def _redirects(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """Another redirect to the same place, of a number that is not documented."""
    status, operation = belief.says.get("status"), vendor.operations[belief.operation]
    strange = [code for code in OTHER_REDIRECTS if operation.response(code) is None]
    if "code" in belief.says or status is None:
        return
    for code in strange[:2]:

        def act(scene: Scene, code: int = code) -> Answer | None:
            redirected = scene.operation == belief.operation and scene.answer.status == status
            return replace(scene.answer, status=code) if redirected else None

        yield Fault(misdeed, belief, f"redirects with {code}", str(code), act=act)


def _mistakes(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
    """The code is the right one, and the status another."""
    if "code" not in belief.says:
        return
    status, code, place = (belief.says[word] for word in ("status", "code", "at"))

    def act(scene: Scene) -> Answer | None:
        body = scene.body
        if scene.operation != belief.operation or scene.answer.status != status or not isinstance(body, dict):
            return None
        refusal = 422 if status != 422 else 400
        return replace(scene.answer, status=refusal) if same(pointers.get(body, place), code) else None

    yield Fault(misdeed, belief, f"sends the code {code} with another status", act=act)


MISDEEDS = {
    "succeeds-strangely": _strange_success,
    "crashes": _crashes,
    "redirects-otherwise": _redirects,
    "mistakes-the-status": _mistakes,
}
