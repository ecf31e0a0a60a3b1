"""One line says what is the matter where most answers are alike, and nothing where they are as they should be."""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from pollspec.document.loader import load
from pollspec.document.messages import Answer
from pollspec.judge.exchange import Exchange
from pollspec.trial.diagnosis import NOTHING, Sign, diagnosis, sign_of
from pollspec.trial.ledger import SIGNS, Ledger
from pollspec.trial.target import Settings
from pollspec.trial.wire.connections import Tls
from pollspec.trial.wire.limits import Limits
from tests.livetrial import VENDOR, settings, tried
from tests.rawserver import Behaviour, Connection, RawServer, always, answer, routed
from tests.test_connections import Authority
from tests.test_hostile import GOOD, REFUSED, to_friends

HTML = "Content-Type: text/html; charset=utf-8"
LOGIN = b"<html><title>Welcome</title><form><input name=u><input type='password' name=p></form></html>"
PAGE = b"<html><title>Welcome</title><p>An application.</p></html>"


def moved(where: str, status: str = "302 Found") -> Behaviour:
    """Redirects everything."""
    return always(answer(b"", f"Location: {where}", status=status))


def to_a_tls_port(connection: Connection) -> None:
    """Awaits TLS, and says so with an alert."""
    connection.request()
    connection.send(b"\x15\x03\x03\x00\x02\x02\x46")


SENTENCES = {
    "a-login-page": (always(answer(LOGIN, HTML)), "the answers are a login page in HTML"),
    "a-login-page-by-its-title": (always(answer(b"<TITLE>Sign in - X</TITLE>", HTML)), "the answers are a login page"),
    "a-login-page-as-a-refusal": (always(answer(LOGIN, HTML, status="403 No")), "the answers are a login page in HTML"),
    "a-page": (always(answer(PAGE, HTML)), "the answers are HTML pages: is this the API's address (base_path)?"),
    "a-login": (
        moved("https://me:pw-77@sso.example/login/realm?state=secret-77#f"),
        "every request is redirected to a login, https://sso.example/login/realm: is the credential one for this API?",
    ),
    "a-login-here": (moved("/web/signin?next=%2Fapi"), "every request is redirected to a login, /web/signin: "),
    "https": (moved("https://chat.example/api", "301 Moved"), "every request is redirected, to https://chat.example/api,"),
    "a-slash": (moved("/api/v1/x/", "308 Moved"), "every request is redirected, to /api/v1/x/, which is not followed"),
    "nothing-there": (
        always(answer({"success": False, "error": "unrecognized route"}, status="404 Not Found")),
        "nothing is found at /api/v1/getImportProgress (404): is the path before it right (base_path)?",
    ),
    "nothing-there-in-html": (always(answer(PAGE, HTML, status="404 Not Found")), "nothing is found at /api/v1/getImp"),
    "a-limit": (always(answer({}, status="429 No")), "the server answers 429 (too many requests): ask less often"),
    "a-500": (always(answer({}, status="500 No")), "the server fails, whatever it is asked (500)"),
    "a-600": (always(answer({}, status="600 No")), "the server fails, whatever it is asked (600)"),
    "a-tls-port": (to_a_tls_port, "the port speaks TLS and no plain HTTP: give an https:// address"),
    "a-tls-port-that-answers": (
        always(answer(b"The plain HTTP request was sent to HTTPS port", HTML, status="400 Bad Request")),
        "the port speaks TLS and no plain HTTP: give an https:// address",
    ),
    "a-tls-port-that-answers-otherwise": (
        always(answer(b"Client sent an HTTP request to an HTTPS server.\n", status="400 Bad Request")),
        "the port speaks TLS and no plain HTTP: give an https:// address",
    ),
}  # fmt: skip


def diagnosed(url: str, given: Settings | None = None) -> str:
    """The diagnosis of a run."""
    exchanges = tried(url, given or settings()).target.exchanges
    return diagnosis(Counter(sign_of(load(VENDOR), exchange) for exchange in exchanges))


@pytest.mark.parametrize(("behave", "told"), SENTENCES.values(), ids=SENTENCES)
def test_sentences(behave: Behaviour, told: str) -> None:
    """Where most answers are alike and wrong, a sentence says in which way, and what to type."""
    with RawServer(behave) as server:
        found = diagnosed(server.url)
    assert found.startswith(told)
    assert found.endswith(" requests)")
    assert "77" not in found


HEALTHY = {
    "good": to_friends(answer(GOOD)),
    "limited-now-and-then": to_friends(answer(GOOD, "X-RateLimit-Remaining: 5")),
    "refuses-everyone": always(answer(REFUSED, status="401 Unauthorized")),
    "hangs-up": lambda connection: None,
}


@pytest.mark.parametrize("behave", HEALTHY.values(), ids=HEALTHY)
def test_silence(behave: Behaviour) -> None:
    """A server that answers as documented, or refuses, or is lost in a way that says its name, gets no sentence."""
    with RawServer(behave) as server:
        assert diagnosed(server.url) == ""


def test_certificates(tmp_path: pathlib.Path) -> None:
    """A certificate of an unknown authority is named with the two ways out."""
    authority = Authority(tmp_path)
    with RawServer(always(answer(GOOD)), authority.context("127.0.0.1")) as server:
        assert diagnosed(server.url) == (
            "the server's certificate is not trusted: name its authority (verify), or check none (--insecure) "
            "(3 of 3 requests)"
        )
        assert diagnosed(server.url, settings(tls=Tls(authority.file))) == ""


def test_plain_http_behind_https() -> None:
    """An https address of a port that speaks plain HTTP is named with the way out."""

    def plain(connection: Connection) -> None:
        connection.sock.recv(65536)
        connection.send(answer(b"", status="400 Bad Request"))

    with RawServer(plain) as server:
        found = diagnosed(server.url.replace("http:", "https:"))
    assert found == "the port speaks plain HTTP and no TLS: give an http:// address (3 of 3 requests)"


def test_tls_behind_http(tmp_path: pathlib.Path) -> None:
    """An http address of a port that speaks TLS is named with the way out, or at least not called anything else."""
    context = Authority(tmp_path).context("127.0.0.1")
    with RawServer(always(answer(GOOD)), context) as server:
        found = diagnosed(server.url.replace("https:", "http:"))
    assert found in {"", "the port speaks TLS and no plain HTTP: give an https:// address (3 of 3 requests)"}


KEYCARD = "keycard"
UNKNOWN = answer({"code": "not_found", "message": "no such task"}, status="404 Not Found")


def of_tasks(behave: Behaviour, subjects: Mapping[str, Sequence[Mapping[str, str]]]) -> str:
    """The diagnosis of a run about tasks, some of them known."""
    with RawServer(behave) as server:
        given = settings(
            credentials={"default": {"$request.header.Authorization": "Bearer tok-tok-tok"}},
            subjects={name: list(several) for name, several in subjects.items()},
            limits=Limits(timeout=20, requests=12),
        )
        exchanges = tried(server.url, given, name=KEYCARD).target.exchanges
    return diagnosis(Counter(sign_of(load(KEYCARD), exchange) for exchange in exchanges))


def test_an_unknown_identifier() -> None:
    """A 404 in JSON is as it should be where nothing known was asked for, and a sign where something was."""
    known = {"failed": [{"$request.path.zone_id": "z1", "$request.path.task_id": "t1"}]}
    assert of_tasks(always(UNKNOWN), {}) == ""
    assert of_tasks(always(UNKNOWN), known).startswith("nothing is found at /zones/{zone_id}/catalog_tasks/")


def test_a_documented_redirect() -> None:
    """A documented redirect is an answer, and no sign of anything."""
    ended = answer(b"", "Location: /zones/z1/installs/i1", status="303 See Other")
    known = {"finished": [{"$request.path.zone_id": "z1", "$request.path.task_id": "t1"}]}
    assert of_tasks(routed({"/zones/z1/catalog_tasks/t1": lambda _: ended}), known) == ""


SHARES = {
    "all": ({Sign("limited"): 9}, "(9 of 9 requests)"),
    "most": ({Sign("limited"): 8, NOTHING: 2}, "(8 of 10 requests)"),
    "too-few": ({Sign("limited"): 7, NOTHING: 2}, ""),
    "neutral-ones-do-not-count": ({Sign("limited"): 8, NOTHING: 2, None: 90}, "(8 of 10 requests)"),
    "nothing": ({NOTHING: 9}, ""),
    "none": ({}, ""),
    "neutral-ones-alone": ({None: 9}, ""),
    "two-addresses": ({Sign("moved", "/a"): 3, Sign("moved", "/b"): 5}, "to /b, which is not followed"),
}


@pytest.mark.parametrize(("signs", "told"), SHARES.values(), ids=SHARES)
def test_shares(signs: Mapping[Sign | None, int], told: str) -> None:
    """Four fifths of what says anything must say the same; the address that is named is the most frequent."""
    found = diagnosis(signs)
    assert told in found
    assert bool(found) == bool(told)


def test_what_was_not_asked_says_nothing() -> None:
    """An exchange that did not take place is no sign."""
    vendor = load(VENDOR)
    request = tried_once().request
    assert sign_of(vendor, Exchange(request, None, 0, 0, number=-1, trouble="not asked: it answers no more")) is None


def tried_once() -> Exchange:
    """An exchange with a good server."""
    with RawServer(to_friends(answer(GOOD))) as server:
        return tried(server.url).target.exchanges[0]


def test_ever_new_addresses_take_no_more_memory() -> None:
    """A server that redirects to ever new addresses is told of by the first of them; their number is bounded."""
    vendor, request = load(VENDOR), tried_once().request
    ledger = Ledger(vendor, [], "a server")
    for number in range(2 * SIGNS):
        answered = Answer(302, (("location", f"https://elsewhere.example/{number}"),), b"")
        ledger.enter(Exchange(request, answered, number, number, number=number))
    assert len(ledger.signs) == SIGNS and ledger.signs.total() == 2 * SIGNS
    assert "every request is redirected, to https://elsewhere.example/" in ledger.diagnosis
