"""`keeps-secret`: what was sent, or the login itself, comes back: in an answer, an error or a header."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable

from pollspec.document import expressions
from pollspec.document.messages import Answer
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.faults.edits import edited, with_header
from pollspec.servers.faults.fault import Derive, Derived, Fault, Misdeed, Scene

Secret = Callable[[Scene], str | None]
"""What of an exchange is secret; None where nothing is."""


def _repeats(place: str) -> Derive:
    """What was sent in the belief's field comes back in answers, errors or headers."""

    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        if "field" in belief.says:
            does = f"repeats what was sent, in {place}s"
            yield _fault(misdeed, belief, does, place, lambda scene: _sent(scene, belief))

    return derive


def _repeats_login(place: str, part: Callable[[str], str | None], does: str) -> Derive:
    """A part of the credential comes back in answers, errors or headers."""

    def derive(misdeed: Misdeed, vendor: Vendor, belief: Belief) -> Derived:
        text = vendor.signing.secret
        known = part(vendor.credentials.get("default", {}).get(text or "", ""))
        if text is None or "field" in belief.says or not known:
            return
        if place != "error" or _may_be_refused(vendor, belief):
            yield _fault(misdeed, belief, does, place, lambda scene: _of_login(scene, belief, text, part))

    return derive


def _fault(misdeed: Misdeed, belief: Belief, does: str, place: str, secret: Secret) -> Fault:
    def act(scene: Scene) -> Answer | None:
        found = secret(scene)
        if not found or (scene.answer.status >= 400) != (place == "error"):
            return None
        if place == "header":
            return with_header(scene.answer, "X-Debug", urllib.parse.quote(found))
        return edited(scene.answer, {"/debug": f"called with {found}"})

    return Fault(misdeed, belief, does, act=act)


def _sent(scene: Scene, belief: Belief) -> str | None:
    """The longest of what was sent in a field: no short one that may stand in an answer by chance."""
    asked = [scene.request, *(request for request, _ in scene.past)]
    sent = [expressions.value(belief.says["field"], r) for r in asked if r.operation == belief.operation]
    return max((value for value in sent if isinstance(value, str)), key=len, default=None)


def _of_login(scene: Scene, belief: Belief, text: str, part: Callable[[str], str | None]) -> str | None:
    """What this request was signed with, as far as it is to come back."""
    brought = scene.value(text)
    right = scene.vendor.signing.credential_of(scene.request) in {"default", "unprivileged"}
    return part(brought) if right and scene.operation == belief.operation and isinstance(brought, str) else None


def _may_be_refused(vendor: Vendor, belief: Belief) -> bool:
    """Whether the document refuses something to a login that it knows."""
    mine = [one.says for one in vendor.beliefs if one.operation == belief.operation and "plays" in one.says]
    known = [says for says in mine if says.get("credential", "default") in {"default", "unprivileged"}]
    return any(says["plays"].get("status", 0) >= 400 for says in known)


def _token(value: str) -> str:
    """A credential without its scheme."""
    return value.rpartition(" ")[2]


def _password(value: str) -> str | None:
    """The password of a Basic credential (RFC 7617)."""
    scheme, _, rest = value.partition(" ")
    return base64.b64decode(rest).decode().partition(":")[2] if scheme.lower() == "basic" else None


MISDEEDS = {
    "repeats-the-secret": _repeats("answer"),
    "repeats-the-secret-in-errors": _repeats("error"),
    "repeats-the-secret-in-headers": _repeats("header"),
    "repeats-the-login": _repeats_login("answer", _token, "repeats the credential, in answers"),
    "repeats-the-login-in-errors": _repeats_login("error", _token, "repeats the credential, in errors"),
    "repeats-the-login-in-headers": _repeats_login("header", _token, "repeats the credential, in headers"),
    "repeats-the-password": _repeats_login("answer", _password, "repeats the password, decoded"),
}
