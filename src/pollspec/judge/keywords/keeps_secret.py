"""`keeps-secret`: what was sent in a field comes back in no answer."""

from __future__ import annotations

import base64
import bisect
import functools
from typing import Any

from pollspec.document import expressions
from pollspec.document.messages import Answer
from pollspec.forms import Finder, finder
from pollspec.judge.exchange import Exchange
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

SHORTEST = 16
"""Characters. A shorter value is no evidence: it may stand in an answer by chance."""


class Judging(Monitor):
    """What was sent in a `field`, or as a credential, comes back in no answer: no body, no header, in no encoding."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.inner = (_Field if "field" in self.says else _Credential)(*given)
        self.operations = self.inner.operations
        self.alone = "field" not in self.says

    def learn(self, sight: Sight) -> None:
        """As one of the two learns it."""
        self.inner.learn(sight)

    def see(self, sight: Sight) -> None:
        """As one of the two sees it."""
        self.inner.see(sight)


class _Credential(Monitor):
    """A credential is looked for in the answer to the request that brought it; what a subject gives is no secret."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        signed = set(self.vendor.signing.places) - self.vendor.given
        self.signed = [expressions.getter(text) for text in sorted(signed | {"$request.header.Authorization"})]

    def see(self, sight: Sight) -> None:
        """Search the answer for what the request was signed with."""
        if sight.answer is None or sight.exchange.credential in {"none", "invalid"}:
            return
        brought = [get(sight.request, None) for get in self.signed]
        secrets = tuple(secret for value in brought if isinstance(value, str) for secret in _parts(value))
        if secrets and reveals(sight.answer, *secrets):
            self.tally.found(Finding("the credential nowhere", "the credential in an answer", sight.exchange))
        elif secrets:
            self.tally.held()


@functools.lru_cache(maxsize=256)
def _parts(value: str) -> tuple[str, ...]:
    """What of a credential is secret: a token, or the password of a user; too short ones are none to search for."""
    scheme, _, rest = value.partition(" ")
    token = rest if rest and scheme.isalpha() else value
    found = (token, password(token)) if scheme.lower() == "basic" else (token,)
    return tuple(text for text in found if len(text) >= SHORTEST)


def password(token: str) -> str:
    """The password in a Basic credential (RFC 7617); "" where there is none."""
    try:
        return base64.b64decode(token, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


class _Field(Monitor):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.operations = None
        self.field = expressions.getter(self.says["field"])
        self.secrets: dict[tuple[int, str], Exchange] = {}
        self.sent: dict[int, list[tuple[float, int]]] = {}
        self.finder = Finder(SHORTEST)

    def learn(self, sight: Sight) -> None:
        """Know a secret that was sent."""
        if sight.exchange.operation != self.belief.operation or sight.answer is None:
            return
        value = self.field(sight.request, None)
        key = (sight.exchange.session, value)
        if isinstance(value, str) and len(value) >= SHORTEST and key not in self.secrets:
            self.secrets[key] = sight.exchange
            bisect.insort(self.sent.setdefault(sight.exchange.session, []), sight.exchange.order)
            self.finder.add(value)

    def see(self, sight: Sight) -> None:
        """Search an answer for every secret that was sent before it."""
        self.learn(sight)
        session, order = sight.exchange.session, sight.exchange.order
        before = bisect.bisect_right(self.sent.get(session, []), order)
        if sight.answer is None or not before:
            return
        told = [self.secrets.get((session, secret)) for secret in whole(self.finder, sight.answer)]
        revealed = sorted((sent for sent in told if sent and sent.order <= order), key=lambda sent: sent.order)
        for sent in revealed:
            self.tally.found(Finding("the secret nowhere", "the secret in an answer", sight.exchange, sent))
        self.tally.held(before - len(revealed))


def reveals(answer: Answer, *secrets: str) -> bool:
    """Whether an answer holds one of some secrets, in any of its forms (forms.py)."""
    return bool(whole(finder(secrets), answer))


def whole(finder: Finder, answer: Answer) -> set[str]:
    """The secrets that an answer holds all of, in its body or in a header."""
    headers = "\n".join(value for _, value in answer.headers)
    text = answer.content + b"\n" + headers.encode("utf-8", "surrogatepass")
    return {found.secret for found in finder.find(text) if found.whole}
