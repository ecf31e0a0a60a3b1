"""Credentials that expire: renewed once when they are refused, never on purpose, and shown nowhere."""

from __future__ import annotations

import base64
import pathlib
import re
import sys
import urllib.parse
from collections.abc import Callable

import pytest

from pollspec.trial.wire.credentials import EXPIRED, OAuth, Renewal
from pollspec.trial.wire.limits import Limits
from pollspec.trial.wire.sources import Source
from tests.livetrial import CREDENTIALS, LIMITS, TOKEN, Tried, settings, tried
from tests.rawserver import RawServer, answer, routed

GOOD = {
    "success": True, "key": "k", "name": "n", "step": "importer_done", "count": {"completed": 2, "total": 2}
}  # fmt: skip
UNAUTHORIZED = answer({"success": False, "error": "unauthorized"}, status="401 Unauthorized")
SECRET = "client-secret-9+9/9"
TOKEN_HEADER = "$request.header.X-Auth-Token"


def header(request: bytes, name: str) -> str:
    """A header of a raw request; "" where there is none."""
    found = re.search(rf"(?im)^{name}: (.*?)\r?$", request.decode("latin-1"))
    return found[1] if found else ""


class Issuer:
    """A server with a token endpoint, whose last token alone is accepted, for `good_for` requests."""

    def __init__(self, good_for: int = 10**6) -> None:
        self.good_for, self.issued, self.used = good_for, 0, 0

    @property
    def last(self) -> str:
        """The token issued last."""
        return f"{self.issued:05d}-issued/{'x' * 20}=="

    def token(self, request: bytes) -> bytes:
        """A new token."""
        self.issued, self.used = self.issued + 1, 0
        return answer({"access_token": self.last, "token_type": "Bearer", "expires_in": 3600})

    def progress(self, request: bytes) -> bytes:
        """Progress for the last token, as long as it is good."""
        if header(request, "Authorization") != f"Bearer {self.last}":
            return UNAUTHORIZED
        self.used += 1
        return answer(GOOD) if self.used <= self.good_for else UNAUTHORIZED

    def server(self) -> RawServer:
        """Both on one origin."""
        return RawServer(routed({"/token": self.token, "/api": self.progress}))


def client(server: RawServer, in_body: bool = False) -> OAuth:
    """The client of a server's token endpoint."""
    return OAuth(f"{server.url}/token?tenant=1", "client:1", SECRET, "read more", in_body, {"audience": "a b"})


def with_client(server: RawServer, oauth: OAuth, limits: Limits = LIMITS, examples: int = 0) -> Tried:
    """A trial whose default credential is a client's token."""
    given = settings(credentials={"default": {}}, renewals={"default": Renewal({}, oauth)}, limits=limits)
    return tried(server.url, given, examples=examples)


def of_kind(server: RawServer, beginning: bytes) -> list[bytes]:
    """The requests that a server got for a path."""
    return [request for request in server.requests if request.split(b" ")[1].startswith(beginning)]


def test_a_token_is_asked_for_once() -> None:
    """A token is asked for on first use, by the form of RFC 6749, and sent with every request of the default user."""
    issuer = Issuer()
    with issuer.server() as server:
        found = with_client(server, client(server))
    (asked,) = of_kind(server, b"/token")
    form = urllib.parse.parse_qs(asked.partition(b"\r\n\r\n")[2].decode())
    assert asked.startswith(b"POST /token?tenant=1 HTTP/1.1\r\n")
    assert form == {"grant_type": ["client_credentials"], "scope": ["read more"], "audience": ["a b"]}
    basic = base64.b64decode(header(asked, "Authorization").removeprefix("Basic ")).decode()
    assert basic == "client%3A1:client-secret-9%2B9%2F9"
    assert found.row("response/200").outcome == "kept"
    assert found.target.keyring.renewed == 0


def test_a_secret_in_the_form() -> None:
    """A client may send its secret in the form instead."""
    issuer = Issuer()
    with issuer.server() as server:
        with_client(server, client(server, in_body=True))
    (asked,) = of_kind(server, b"/token")
    form = urllib.parse.parse_qs(asked.partition(b"\r\n\r\n")[2].decode())
    assert (form["client_id"], form["client_secret"]) == (["client:1"], [SECRET])
    assert not header(asked, "Authorization")


def test_a_token_that_expires() -> None:
    """A token that is refused is renewed once, and the request repeated once; the refused exchange judges nothing."""
    issuer = Issuer(good_for=2)
    with issuer.server() as server:
        found = with_client(server, client(server), examples=6)
    refused = [e for e in found.target.exchanges if e.credential == EXPIRED]
    assert issuer.issued == len(refused) + 1 == found.target.keyring.renewed + 1
    assert len(refused) > 1
    for exchange in refused:
        repeated = found.target.exchanges[exchange.number + 1]
        assert repeated.request.target == exchange.request.target
        assert repeated.answer is not None
        assert repeated.answer.status == 200
    assert not found.rows("could not run")
    assert f"the credential 'default' expired and was renewed {len(refused)} times" in found.printed


def test_a_token_that_is_never_accepted() -> None:
    """A fresh token that is refused as well is not renewed again: it is wrong, not expired."""
    issuer = Issuer()
    with RawServer(routed({"/token": issuer.token, "/api": lambda _: UNAUTHORIZED})) as server:
        found = with_client(server, client(server), examples=6)
    assert issuer.issued == 2
    assert found.report.exit_code() == 3
    assert "the credential 'default' was not accepted (401)" in found.printed


def test_refusals_on_purpose_renew_nothing() -> None:
    """A request without the credential, or with a wrong part of it, is refused on purpose and renews nothing."""
    made = Renewal({TOKEN_HEADER: Source("command", f"{sys.executable} -c 'print(9999999)'")})

    def progress(request: bytes) -> bytes:
        both = header(request, "X-Auth-Token") == TOKEN and header(request, "X-User-Id")
        return answer(GOOD) if both else UNAUTHORIZED

    with RawServer(routed({"/api": progress})) as server:
        given = settings(renewals={"default": made})
        given.credentials["invalid"] = {TOKEN_HEADER: "wrong-wrong-wrong"}
        found = tried(server.url, given)
    statuses = {e.credential: e.answer.status for e in found.target.exchanges if e.answer}
    assert statuses["none"] == statuses["invalid"] == 401
    assert found.row("refuses/no-token").outcome == found.row("refuses/no-user-id").outcome == "kept"
    assert found.target.keyring.renewed == 0


def counting_command(tmp_path: pathlib.Path) -> Source:
    """A command that prints another token each time."""
    script = tmp_path / "token.py"
    counter = tmp_path / "count"
    script.write_text(
        f"import pathlib\np = pathlib.Path({str(counter)!r})\n"
        "n = int(p.read_text()) + 1 if p.exists() else 1\np.write_text(str(n))\nprint(f'from-a-command-{n:03d}')\n"
    )
    return Source("command", f"{sys.executable} {script}")


def rotating_file(tmp_path: pathlib.Path) -> Source:
    """A file whose token somebody rotates."""
    path = tmp_path / "rotated"
    path.write_text("from-a-command-002\n")
    return Source("file", str(path))


@pytest.mark.parametrize("make", [counting_command, rotating_file])
def test_sources_are_read_again(make: Callable[[pathlib.Path], Source], tmp_path: pathlib.Path) -> None:
    """A command or file that a secret comes from is read again when the secret is refused."""
    source = make(tmp_path)
    first = source() if source.kind == "command" else "from-a-command-001"
    values = {**CREDENTIALS["default"], TOKEN_HEADER: first}

    def progress(request: bytes) -> bytes:
        return answer(GOOD) if header(request, "X-Auth-Token") == "from-a-command-002" else UNAUTHORIZED

    with RawServer(routed({"/api": progress})) as server:
        found = tried(
            server.url, settings(credentials={"default": values}, renewals={"default": Renewal({TOKEN_HEADER: source})})
        )
    assert found.target.keyring.renewed == 1
    assert found.row("response/200").outcome == "kept"
    assert [e.credential for e in found.target.exchanges].count(EXPIRED) == 1
    for secret in ("from-a-command-001", "from-a-command-002"):
        assert secret not in found.printed + found.written


def test_a_source_that_fails() -> None:
    """A renewal that fails is noted, and does not end the run."""
    made = Renewal({TOKEN_HEADER: Source("command", f"{sys.executable} -c 'raise SystemExit(3)'")})
    with RawServer(routed({"/api": lambda _: UNAUTHORIZED})) as server:
        found = tried(server.url, settings(renewals={"default": made}))
    said = "the credential 'default' was refused and could not be renewed: the command ended with 3"
    assert said in found.printed
    assert found.report.exit_code() == 3


TOKENS = {
    "an-error": (answer({"error": "invalid_client"}, status="401 No"), "answered 401 (invalid_client)"),
    "an-unknown-error": (answer({"error": SECRET}, status="400 No"), "answered 400 and no access_token"),
    "no-json": (answer(b"<html>"), "answered 200 and no access_token"),
    "no-token": (answer({"token": "x"}), "answered 200 and no access_token"),
    "a-list": (answer(["x"]), "answered 200 and no access_token"),
    "a-number": (answer({"access_token": 7}), "answered 200 and no access_token"),
    "another-type": (answer({"access_token": "x", "token_type": "mac"}), "of another type than Bearer"),
    "two-lines": (answer({"access_token": "x\r\nHost: evil"}), "more than one line of ASCII text"),
    "nothing": (b"", "the token request was lost: the connection was closed before an answer was whole"),
    "a-redirect": (answer(b"", "Location: /api", status="302 Found"), "answered 302 and no access_token"),
}


@pytest.mark.parametrize(("told", "why"), TOKENS.values(), ids=TOKENS)
def test_no_token(told: bytes, why: str) -> None:
    """A client that gets no token is one message that says why; nothing is asked of the target as its user."""
    with RawServer(lambda connection: connection.send(told) if connection.request() else None) as server:
        found = with_client(server, client(server))
    assert found.report.exit_code() == 3
    (wants,) = {row.wants for row in found.rows("could not run")}
    assert wants.startswith("the credential 'default' could not be had: ")
    assert why in wants
    assert not found.target.exchanges
    assert SECRET not in found.printed + found.written


def test_the_token_endpoint_gets_nothing_else() -> None:
    """A token endpoint of another origin gets no credential of the target and no further header."""
    issuer = Issuer()
    with (
        RawServer(routed({"/token": issuer.token})) as elsewhere,
        RawServer(routed({"/api": issuer.progress})) as server,
    ):
        given = settings(
            credentials={"default": dict(CREDENTIALS["default"])},
            renewals={"default": Renewal({}, client(elsewhere))},
            headers={"X-Gateway-Key": "gateway-key-1234"},
        )
        found = tried(server.url, given)
        (asked,) = elsewhere.requests
        api = server.requests
    assert TOKEN.encode() not in asked
    assert b"gateway-key-1234" not in asked
    assert all(b"gateway-key-1234" in request for request in api)
    assert not any(SECRET.encode() in request for request in api)
    assert found.row("response/200").outcome == "kept"


def test_token_requests_count() -> None:
    """A token request counts in the budget of the run like any other."""
    issuer = Issuer(good_for=1)
    with issuer.server() as server:
        found = with_client(server, client(server), Limits(timeout=20, requests=5), examples=6)
        asked = len(server.requests)
    assert asked == 5
    assert found.trial.spent == "the budget of 5 requests is spent"


def test_tokens_are_secret() -> None:
    """Neither a token nor the client's secret, in whatever form, stands in a report, though the server repeats both."""
    issuer = Issuer(good_for=2)

    def progress(request: bytes) -> bytes:
        told = [header(request, "Authorization"), SECRET, urllib.parse.quote_plus(SECRET), issuer.last]
        return answer({**GOOD, "key": told}) if issuer.progress(request) != UNAUTHORIZED else UNAUTHORIZED

    with RawServer(routed({"/token": issuer.token, "/api": progress})) as server:
        found = with_client(server, client(server), examples=4)
    assert found.rows("broken")
    assert issuer.issued > 1
    assert "<default Authorization>" in found.printed
    for number in range(1, issuer.issued + 1):
        assert f"{number:05d}-issued" not in found.printed + found.written
    for form in (SECRET, urllib.parse.quote_plus(SECRET)):
        assert form not in found.printed + found.written
