"""Credentials that expire: where each comes from, and how it is got anew."""

from __future__ import annotations

import base64
import pathlib
import shlex
import subprocess
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..errors import Unreachable
from ..grammar import expressions
from ..masks import Masks
from ..messages import Answer, Request
from .connections import Tls
from .limits import Trouble

COMMAND_SECONDS = 60
LONGEST_SECRET = 2**16
EXPIRED = "expired"
"""The credential of an exchange whose secret had to be renewed: it says nothing about the server's refusals."""


class NoSecret(Exception):
    """A source gave no secret; the text says why, without what the source printed."""


@dataclass(frozen=True)
class Source:
    """Where a secret comes from, each time anew: a command's output, or a file. `prefix`: what stands before it."""

    kind: str
    name: str
    prefix: str = ""

    def __call__(self) -> str:
        """The secret; NoSecret where there is none."""
        text = (_file(self.name) if self.kind == "file" else _printed(self.name)).strip()
        if not text:
            raise NoSecret("the command printed nothing" if self.kind == "command" else f"{self.name} is empty")
        return self.prefix + text


def usable(text: str) -> str:
    """A text that can be a header's value; NoSecret otherwise."""
    if len(text) > LONGEST_SECRET or not all(character == "\t" or " " <= character <= "~" for character in text):
        raise NoSecret("it is more than one line of ASCII text")
    return text.strip()


def _file(name: str) -> str:
    try:
        return pathlib.Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise NoSecret(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NoSecret(f"{name} is no text") from None


def _printed(command: str) -> str:
    try:
        words = shlex.split(command)
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        raise NoSecret(f"the command did not end within {COMMAND_SECONDS} s") from None
    except (OSError, ValueError, IndexError) as error:
        raise NoSecret(f"the command cannot run ({type(error).__name__})") from None
    if done.returncode:
        raise NoSecret(f"the command ended with {done.returncode}")
    return done.stdout


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

    sources: Mapping[str, Source] = field(default_factory=dict)
    oauth: OAuth | None = None


class Keyring:
    """The credentials of a run as they are now. `ask` sends a client's token request, within the run's limits."""

    def __init__(
        self,
        values: Mapping[str, Mapping[str, str]],
        renewals: Mapping[str, Renewal],
        masks: Masks,
        ask: Callable[[OAuth], Answer],
    ) -> None:
        self.values = {name: dict(headers) for name, headers in values.items()}
        self.renewals, self.masks, self._ask = renewals, masks, ask
        self.renewed, self.failed = 0, ""
        self._proven = True
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
        renewal = self.renewals.get(credential)
        if renewal and renewal.oauth and AUTHORIZATION not in self.values.get(credential, {}):
            try:
                self._take(credential, {AUTHORIZATION: self._bearer(renewal.oauth)})
            except NoSecret as error:
                raise Unreachable(f"the credential {credential!r} could not be had: {error}") from None
        return {expressions.parse(text).name: value for text, value in self.values.get(credential, {}).items()}

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
