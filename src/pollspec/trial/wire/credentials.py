"""Credentials that expire, and how each is got anew."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pollspec.document import expressions
from pollspec.document.messages import Answer, Request
from pollspec.errors import Unreachable
from pollspec.masks import Masks
from pollspec.trial.near import logins
from pollspec.trial.wire.connections import Tls
from pollspec.trial.wire.limits import Trouble
from pollspec.trial.wire.sources import Basic, NoSecret, Source, usable

REFUSED = "default, refused"
"""The credential of an exchange that was answered 401 or 403 before the default one was ever accepted."""
EXPIRED = "default, expired"
"""The credential of an exchange whose secret had to be renewed: it says nothing about the server's refusals."""


@dataclass(frozen=True)
class OAuth:
    """An OAuth 2 client (RFC 6749, 4.4). `in_body`: its secret goes into the form instead of a Basic header."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    in_body: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    tls: Tls = field(default_factory=Tls)

    def request(self) -> Request:
        """The request for a token."""
        form = {"grant_type": "client_credentials", **({"scope": self.scope} if self.scope else {}), **self.parameters}
        headers = [("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")]
        if self.in_body:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        else:
            quoted = ":".join(urllib.parse.quote_plus(text) for text in (self.client_id, self.client_secret))
            headers.append(("Authorization", f"Basic {base64.b64encode(quoted.encode()).decode()}"))
        parts = urllib.parse.urlsplit(self.token_url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Request("", "POST", target, {}, tuple(headers), urllib.parse.urlencode(form).encode())

    def token(self, answer: Answer) -> str:
        """The token in an answer; NoSecret where there is none."""
        body = answer.reading.value if isinstance(answer.reading.value, dict) else {}
        token, kind = body.get("access_token"), body.get("token_type", "bearer")
        if answer.status != 200 or not isinstance(token, str):
            error = body.get("error")
            known = f" ({error})" if isinstance(error, str) and error in OAUTH_ERRORS else ""
            raise NoSecret(f"the token request was answered {answer.status}{known} and no access_token")
        if str(kind).lower() != "bearer":
            raise NoSecret("the token is of another type than Bearer")
        return usable(token)


OAUTH_ERRORS = (
    "invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type invalid_scope"
).split()
"""RFC 6749, 5.2."""


@dataclass(frozen=True)
class Renewal:
    """How a credential is got anew: expression -> source for the values that have one, and perhaps a token."""

    sources: Mapping[str, Source | Basic] = field(default_factory=dict)
    oauth: OAuth | None = None


class Keyring:
    """The credentials of a run as they are now. `ask` sends a client's token request, within the run's limits.

    `secret`: the expression whose value is the secret one; `nearly`: the names of logins that are nearly the default.
    """

    def __init__(
        self,
        values: Mapping[str, Mapping[str, str]],
        renewals: Mapping[str, Renewal],
        masks: Masks,
        ask: Callable[[OAuth], Answer],
        secret: str | None = None,
    ) -> None:
        self.values = {name: dict(headers) for name, headers in values.items()}
        self.renewals, self.masks, self._ask, self._secret = renewals, masks, ask, secret
        self.nearly: list[str] = []
        self.renewed, self.failed = 0, ""
        self._proven, self.accepted = True, False
        for label, headers in self.values.items():
            for text, value in headers.items():
                self.masks.add(value, f"{label} {expressions.parse(text).name}")
        for label, renewal in renewals.items():
            if renewal.oauth:
                masks.add(renewal.oauth.client_secret, f"{label} client_secret")
                masks.add(dict(renewal.oauth.request().headers).get("Authorization", ""), f"{label} client_secret")

    def headers(self, credential: str) -> dict[str, str]:
        """A credential's headers, name -> value; a token is asked for on first use. Unreachable if there is none."""
        if credential == "none":
            return {}
        if credential in self.nearly:
            return self._near(self.nearly.index(credential))
        renewal = self.renewals.get(credential)
        if renewal and renewal.oauth and AUTHORIZATION not in self.values.get(credential, {}):
            try:
                self._take(credential, {AUTHORIZATION: self._bearer(renewal.oauth)})
            except NoSecret as error:
                raise Unreachable(f"the credential {credential!r} could not be had: {error}") from None
        return {expressions.parse(text).name: value for text, value in self.values.get(credential, {}).items()}

    def _near(self, number: int) -> dict[str, str]:
        """A login that nobody has; masked, for it gives the right one away."""
        own = {text: self.headers("default").get(expressions.parse(text).name, "") for text in self._texts()}
        others = [values for name, values in self.values.items() if name != "default"]
        near = logins({text: value for text, value in own.items() if value}, others, self._secret)
        found = near[number % len(near)] if near else self.values.get("invalid", {})
        for text, value in found.items():
            self.masks.add(value, f"{self.nearly[number]} {expressions.parse(text).name}")
        return {expressions.parse(text).name: value for text, value in found.items()}

    def _texts(self) -> list[str]:
        return list(dict.fromkeys([*self.values.get("default", {}), *([self._secret] if self._secret else [])]))

    def prove(self) -> None:
        """The default credential was accepted as it is: when it is refused after that, it has expired."""
        self._proven = True

    def renew(self) -> bool:
        """Get the default credential anew, and say whether there is a new one.

        One that was never accepted is not renewed again: it is wrong, not expired.
        """
        renewal = self.renewals.get("default")
        if renewal is None or not self._proven:
            return False
        self._proven = False
        try:
            fresh = {text: usable(source()) for text, source in renewal.sources.items()}
            if renewal.oauth:
                fresh[AUTHORIZATION] = self._bearer(renewal.oauth)
        except NoSecret as error:
            self.failed = f"the credential 'default' was refused and could not be renewed: {error}"
            return False
        self._take("default", fresh)
        self.renewed += 1
        return True

    def _bearer(self, oauth: OAuth) -> str:
        try:
            return f"Bearer {oauth.token(self._ask(oauth))}"
        except Trouble as error:
            raise NoSecret(f"the token request was lost: {error}") from None

    def _take(self, credential: str, fresh: Mapping[str, str]) -> None:
        for text, value in fresh.items():
            self.masks.add(value, f"{credential} {expressions.parse(text).name}")
        self.values[credential] = {**self.values.get(credential, {}), **fresh}


AUTHORIZATION = "$request.header.Authorization"
