"""Whatever a server does to the one door out, a verdict comes of it: in its time and memory, and never a traceback."""

from __future__ import annotations

import base64
import email.utils
import gzip
import json
import pathlib
import subprocess
import sys
import textwrap
import threading
import urllib.parse
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pollspec.document import loader
from pollspec.trial.request import build
from pollspec.trial.target import Polls, Target
from pollspec.trial.wire.limits import Limits
from pollspec.trial.wire.pace import VirtualClock
from pollspec.trial.wire.transports import Live
from tests.livetrial import LIMITS, TOKEN, VENDOR, Tried, is_friend, settings, tried
from tests.rawserver import JSON, Behaviour, Connection, RawServer, always, answer

PROGRESS = {"success": True, "key": "k", "name": "n", "step": "importer_importing_files"}
GOOD = {**PROGRESS, "count": {"completed": 1, "total": 2}}
REFUSED = {"success": False, "error": "unauthorized"}
START = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def after_a_request(misdeed: Callable[[Connection], None]) -> Behaviour:
    """Does the same after the one request of each connection."""

    def behave(connection: Connection) -> None:
        if connection.request():
            misdeed(connection)

    return behave


def to_friends(told: bytes) -> Behaviour:
    """Tells the same to whoever brings both headers, and refuses all others as documented."""

    def behave(connection: Connection) -> None:
        while request := connection.request():
            connection.send(told if is_friend(request) else answer(REFUSED, status="401 Unauthorized"))

    return behave


def resets_in_the_head(connection: Connection) -> None:
    connection.send(START)
    connection.reset()


def resets_in_the_body(connection: Connection) -> None:
    connection.send(START + b'Content-Length: 500\r\n\r\n{"success"')
    connection.reset()


def promises_too_much(connection: Connection) -> None:
    connection.send(START + b'Content-Length: 500\r\n\r\n{"success": true}')


def says_nothing(connection: Connection) -> None:
    connection.wait()


def drips_its_head(connection: Connection) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not connection.wait(0.01):
        connection.send(b"x")


def drips_its_body(connection: Connection) -> None:
    connection.send(START + b"Content-Length: 100000\r\n\r\n")
    while not connection.wait(0.01):
        connection.send(b" ")


def never_ends_a_chunked_body(connection: Connection) -> None:
    connection.send(START + b"Transfer-Encoding: chunked\r\n\r\n")
    while not connection.wait(0):
        connection.send(b"1000\r\n" + b"[" * 4096 + b"\r\n")


def never_ends_a_plain_body(connection: Connection) -> None:
    connection.send(START + b"\r\n")
    while not connection.wait(0):
        connection.send(b" " * 65536)


def never_ends_a_header(connection: Connection) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not connection.wait(0):
        connection.send(b"x" * 65536)


def sends_thousands_of_headers(connection: Connection) -> None:
    connection.send(START + b"".join(b"X-%d: y\r\n" % n for n in range(20_000)) + b"\r\n")
    connection.wait()


def never_gets_past_100(connection: Connection) -> None:
    while not connection.wait(0):
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)


def answers_in_http_09(connection: Connection) -> None:
    connection.send(b"<html>hello</html>\r\n")
    connection.wait()


def answers_in_http_3000(connection: Connection) -> None:
    connection.send(b"HTTP/3000 fine\r\n\r\n")


def answers_in_another_protocol(connection: Connection) -> None:
    connection.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n" * 20)


def switches_the_protocol(connection: Connection) -> None:
    connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\n\r\n")
    connection.wait()


def says_two_lengths(connection: Connection) -> None:
    connection.send(START + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}")


def says_a_negative_length(connection: Connection) -> None:
    connection.send(START + b"Content-Length: -2\r\n\r\n{}")


def chunks_in_nonsense(connection: Connection) -> None:
    connection.send(START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")


def bombs(connection: Connection) -> None:
    zipped = gzip.compress(b" " * 2**24)
    connection.send(answer(zipped, JSON, "Content-Encoding: gzip"))


def bombs_in_layers(connection: Connection) -> None:
    zipped = gzip.compress(gzip.compress(gzip.compress(b" " * 2**24)))
    connection.send(answer(zipped, JSON, "Content-Encoding: gzip, gzip", "Content-Encoding: gzip"))


def answers_too_much(connection: Connection) -> None:
    connection.send(answer(b" " * (LIMITS.size + 1)))


def answers_too_many_values(connection: Connection) -> None:
    connection.send(answer([0] * (LIMITS.values + 1)))


CLOSED = "the connection was closed before an answer was whole"
LATE = "no whole answer within 0.15 s"
LOST = [
    (resets_in_the_head, CLOSED),
    (resets_in_the_body, CLOSED),
    (promises_too_much, CLOSED),
    (says_nothing, LATE),
    (drips_its_head, LATE),
    (drips_its_body, LATE),
    (never_ends_a_chunked_body, f"an answer of more than {LIMITS.size} bytes"),
    (never_ends_a_plain_body, f"an answer of more than {LIMITS.size} bytes"),
    (never_ends_a_header, "no proper HTTP/1.1 answer (Receive buffer too long)"),
    (sends_thousands_of_headers, "no proper HTTP/1.1 answer (Receive buffer too long)"),
    (never_gets_past_100, "more than 100 interim answers (1xx) and no other"),
    (answers_in_http_09, "no HTTP/1.1 answer: it does not begin with HTTP/"),
    (answers_in_another_protocol, "no HTTP/1.1 answer: it does not begin with HTTP/"),
    (answers_in_http_3000, "no proper HTTP/1.1 answer (illegal status line)"),
    (switches_the_protocol, "no proper HTTP/1.1 answer"),
    (says_two_lengths, "no proper HTTP/1.1 answer (conflicting Content-Length headers)"),
    (says_a_negative_length, "no proper HTTP/1.1 answer (bad Content-Length)"),
    (chunks_in_nonsense, "no proper HTTP/1.1 answer (illegal chunk header)"),
    (bombs, f"an answer of more than {LIMITS.size} bytes, inflated"),
    (bombs_in_layers, f"an answer of more than {LIMITS.size} bytes, inflated"),
    (answers_too_much, f"an answer of more than {LIMITS.size} bytes"),
    (answers_too_many_values, f"an answer of more than {LIMITS.values} JSON values"),
]


@pytest.mark.parametrize(("misdeed", "trouble"), LOST, ids=[misdeed.__name__ for misdeed, _ in LOST])
def test_lost_answers(misdeed: Callable[[Connection], None], trouble: str) -> None:
    """A server that never gives a whole answer is one message, not one per belief, and the run could not run."""
    with RawServer(after_a_request(misdeed)) as server:
        found = tried(server.url, settings(limits=Limits(timeout=0.15 if trouble == LATE else 20)))
    assert found.report.exit_code() == 3
    assert not found.rows("broken")
    assert {trouble in text for text in found.troubles()} == {True}
    assert [row.wants for row in found.rows("could not run")] == [
        f"{server.url} never answered: {found.target.exchanges[-1].trouble}"
    ] * len(found.rows("could not run"))
    assert len(found.target.exchanges) == 3
    assert f"3 of 3 requests got no answer: {trouble}" in found.printed
    assert found.printed.count("never answered") == 1


def test_nobody_listens() -> None:
    """A port on which nobody listens is told as such, after three tries."""
    with RawServer(says_nothing) as server:
        url = server.url
    found = tried(url)
    assert found.report.exit_code() == 3
    assert found.troubles() == {"the connection was refused"}
    assert len(found.target.exchanges) == 3


def test_no_such_host() -> None:
    """A host name that nobody knows is told as such."""
    found = tried("http://nobody.invalid")
    assert found.report.exit_code() == 3
    assert found.troubles() == {"the host name is unknown"}


DEEP = b'{"success": true, "key": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
UNREADABLE = {
    "ends-before-its-text": (answer(json.dumps(GOOD).encode()[:20]), "Unterminated string"),
    "garbage-after-the-text": (answer(json.dumps(GOOD).encode() + b"{}"), "Extra data"),
    "no-body": (answer(b""), "an empty body"),
    "no-utf-8": (answer(b'{"success": "\xff\xfe"}'), "invalid UTF-8 at byte 13"),
    "lone-surrogate": (answer(rb'{"success": "\ud800"}'), "a lone surrogate"),
    "nan": (answer(b'{"success": NaN}'), "NaN is no JSON value"),
    "minus-infinity": (answer(b'{"success": -Infinity}'), "-Infinity is no JSON value"),
    "ten-to-the-5000": (answer(b'{"success": 1e5000}'), "the number 1e5000 is out of every range"),
    "5000-digits": (answer(b'{"success": ' + b"9" * 5000 + b"}"), "of 5000 digits is out of every range"),
    "100-000-deep": (answer(DEEP), "nested more than 200 deep"),
    "broken-gzip": (answer(b"\x1f\x8bnonsense", JSON, "Content-Encoding: gzip"), "a broken gzip body"),
    "no-gzip-at-all": (answer(GOOD, JSON, "Content-Encoding: gzip"), "a broken gzip body"),
    "half-a-gzip": (
        answer(gzip.compress(json.dumps(GOOD).encode())[:40], JSON, "Content-Encoding: gzip"),
        "a gzip body that breaks off",
    ),
    "too-many-codings": (answer(GOOD, JSON, "Content-Encoding: " + "gzip, " * 50 + "gzip"), "51 content codings"),
    "too-many-members": (
        answer(gzip.compress(b"") * 200, JSON, "Content-Encoding: gzip"),
        "a gzip body of more than 100 members",
    ),
    "unasked-coding": (answer(GOOD, JSON, "Content-Encoding: br"), "a Content-Encoding that was not asked for: br"),
    "unknown-coding": (answer(GOOD, JSON, "Content-Encoding: x1"), "a Content-Encoding that was not asked for: x1"),
    "a-coding-with-no-name": (
        answer(GOOD, JSON, "Content-Encoding: \x1b[2J"),
        "a Content-Encoding that was not asked for: one whose name is no token",
    ),
    "raw-control-characters": (answer(b'{"success": "\x1b[2J\x07"}'), "Invalid control character"),
}


@pytest.mark.parametrize(("told", "actual"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_bodies(told: bytes, actual: str) -> None:
    """A body that is no JSON text breaks the belief that it is one, and no other."""
    with RawServer(to_friends(told)) as server:
        found = tried(server.url)
    assert [row.id for row in found.rows("broken")] == [f"{VENDOR}/getImportProgress/response/200"]
    assert found.report.exit_code() == 1
    best = found.row("response/200").findings[0]
    assert best.expected == "a JSON body"
    assert actual in best.actual
    assert not found.troubles()
    assert not found.rows("could not run")


READABLE = {
    "gzip": answer(gzip.compress(json.dumps(GOOD).encode()), JSON, "Content-Encoding: gzip"),
    "gzip-twice": answer(
        gzip.compress(gzip.compress(json.dumps(GOOD).encode())), JSON, "Content-Encoding: gzip, x-gzip"
    ),
    "gzip-in-members": answer(
        gzip.compress(json.dumps(GOOD).encode()[:9]) + gzip.compress(json.dumps(GOOD).encode()[9:]),
        JSON,
        "Content-Encoding: GZIP",
    ),
    "deflate": answer(zlib.compress(json.dumps(GOOD).encode()), JSON, "Content-Encoding: deflate"),
    "raw-deflate": answer(zlib.compress(json.dumps(GOOD).encode(), wbits=-15), JSON, "Content-Encoding: deflate"),
    "identity": answer(GOOD, JSON, "Content-Encoding: identity"),
    "early-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + answer(GOOD),
    "no-reason": answer(GOOD).replace(b" OK\r\n", b"\r\n"),
    "many-headers": answer(GOOD, JSON, *(f"X-{n}: y" for n in range(500))),
    "huge-integers-elsewhere": answer({**GOOD, "more": 10**300}),
}


@pytest.mark.parametrize("told", READABLE.values(), ids=READABLE)
def test_odd_but_proper(told: bytes) -> None:
    """What is odd but proper HTTP is read like anything else: nothing is broken, nothing lost."""
    with RawServer(to_friends(told)) as server:
        found = tried(server.url)
    assert not found.rows("broken")
    assert not found.troubles()
    assert found.row("response/200").outcome == "kept"
    assert found.report.exit_code() == 0


def test_http_10() -> None:
    """A body without a length ends with its connection."""

    def behave(connection: Connection) -> None:
        known = is_friend(connection.request())
        status = b"200 OK" if known else b"401 Unauthorized"
        told = json.dumps(GOOD if known else REFUSED).encode()
        connection.send(b"HTTP/1.0 " + status + b"\r\nContent-Type: application/json\r\n\r\n" + told)

    with RawServer(behave) as server:
        found = tried(server.url)
    assert not found.troubles()
    assert found.row("response/200").outcome == "kept"


def test_ambiguous_bodies() -> None:
    """A name that stands twice deviates, because readers differ on it; it fails with --strict."""
    with RawServer(to_friends(answer(json.dumps(GOOD).encode()[:-1] + b', "key": "other"}'))) as server:
        found = tried(server.url, strict=True)
    assert [row.id for row in found.rows("deviates")] == [f"{VENDOR}/getImportProgress/response/unambiguous"]
    assert found.row("response/unambiguous").findings[0].actual == "the name 'key' twice in one object"
    assert found.report.exit_code() == 1


def test_a_length_too_short() -> None:
    """What follows the announced length is no part of any answer, and the next request meets a fresh connection."""
    longer = answer(GOOD).replace(b"Content-Length: ", b"X-Was: ") + answer({"success": "forged"})
    told = longer.replace(b"X-Was", b"Content-Length: %d\r\nX-Was" % len(json.dumps(GOOD)))
    with RawServer(to_friends(told)) as server:
        found = tried(server.url)
        friends = sum(map(is_friend, server.requests))
    assert friends <= server.connections
    assert not found.rows("broken")
    assert not found.troubles()
    assert b"forged" not in b"".join(e.answer.content for e in found.target.exchanges if e.answer)


def redirecting(where: str) -> Behaviour:
    """Answers everything with a redirect."""
    return always(answer(b"", f"Location: {where}", status="302 Found"))


def test_redirects() -> None:
    """No redirect is followed, so no loop is one; that all answers are redirects is told once."""
    with RawServer(redirecting("/api/v1/getImportProgress")) as server:
        found = tried(server.url)
        asked = len(server.requests)
    assert asked == len(found.target.exchanges)
    assert found.report.exit_code() in {1, 3}
    assert "every answer was a redirect (302), which is not followed" in found.printed
    assert {row.wants for row in found.rows("could not run")} == {
        "every answer was a redirect (302), which is not followed: give the address it names"
    }


def test_redirects_elsewhere() -> None:
    """A redirect to another origin sends nothing there, and so no credential."""
    with RawServer(says_nothing) as other, RawServer(redirecting(f"{other.url}/steal")) as server:
        tried(server.url)
        assert server.requests
        assert other.connections == 0


def failing(status: str, *headers: str) -> Behaviour:
    """Answers everything with the same failure."""
    return always(answer({"success": False, "error": "try again"}, JSON, *headers, status=status))


def fails_in_turn(connection: Connection) -> None:
    """A failure of another kind each time."""
    while connection.request():
        match len(connection.server.requests) % 3:
            case 0:
                return connection.reset()
            case 1:
                connection.send(answer(b"", "Retry-After: 5", status="503 Service Unavailable"))
            case 2:
                connection.send(answer(b"", status="429 Too Many Requests"))
    return None


FOR_EVER = {
    "429": (failing("429 Too Many Requests"), 8, "429 (too many requests)"),
    "429-that-names-a-time": (failing("429 Too Many Requests", "Retry-After: 7"), 18, "429 (too many requests)"),
    "429-that-names-a-day": (failing("429 Too Many Requests", "Retry-After: 86400"), 4, "429 (too many requests)"),
    "429-until-a-reset": (failing("429 Too Many Requests", "X-RateLimit-Reset: 40"), 3, "429 (too many requests)"),
    "503": (failing("503 Service Unavailable"), 40, "503"),
    "503-that-names-a-time": (failing("503 Service Unavailable", "Retry-After: 60"), 4, "503"),
    "503-that-names-an-hour": (failing("503 Service Unavailable", "Retry-After: 3600"), 4, "503"),
    "500": (failing("500 Internal Server Error"), 40, "500"),
    "502-of-a-gateway": (always(answer(b"<html>", "Content-Type: text/html", status="502 Bad Gateway")), 40, "502"),
    "600": (failing("600 Unknown"), 40, "600"),
    "999": (failing("999 Request denied"), 40, "999"),
    "each-in-turn": (fails_in_turn, 40, "429 (too many requests)"),
}


@pytest.mark.parametrize(("behave", "most", "told"), FOR_EVER.values(), ids=FOR_EVER)
@pytest.mark.parametrize("every", [5, 3000])
def test_failing_for_ever(behave: Behaviour, most: int, told: str, every: float) -> None:
    """A run at which nothing succeeds ends within two minutes, however it fails and polls, and says why."""
    limits = Limits(timeout=20)
    with RawServer(behave) as server:
        found = tried(server.url, settings(limits=limits, polls=Polls(every=every, at_most=100_000)), examples=6)
    assert found.target.clock() <= limits.patience
    assert 2 <= len(found.target.exchanges) <= most
    assert found.report.exit_code() == 3
    (wants,) = {row.wants for row in found.rows("could not run")}
    assert wants.startswith(f"{server.url} only failed (")
    assert told in wants
    assert not found.target.patience.succeeded


def test_429_for_ever_after_a_success() -> None:
    """An operation that is limited for ever after its first answer is given up, and that answer is judged."""

    def behave(connection: Connection) -> None:
        while connection.request():
            first = len(connection.server.requests) == 1
            connection.send(answer(GOOD) if first else answer(b"", status="429 Too Many Requests"))

    with RawServer(behave) as server:
        found = tried(server.url, settings(limits=Limits(timeout=20)), examples=6)
    assert found.row("response/200").outcome == "kept"
    assert 60 <= found.target.clock() <= 120
    (told,) = (note for note in found.target.notes if "given up" in note)
    assert told.startswith("getImportProgress only failed (")
    assert "429 (too many requests)" in told


class Limiter:
    """A server that takes ten requests in 60 s of a clock, and names the moment when it takes the next."""

    def __init__(self, *, forewarns: bool) -> None:
        self.clock: Callable[[], float] = lambda: 0.0
        self.forewarns, self.begun, self.taken, self.refused = forewarns, -100.0, 0, 0

    def __call__(self, connection: Connection) -> None:
        """Answer, and count."""
        while request := connection.request():
            now = self.clock()
            if now - self.begun >= 60:
                self.begun, self.taken = now, 0
            self.taken += 1
            left, moment = 10 - self.taken, datetime.fromtimestamp(1.8e9 + now, UTC)
            told = [JSON, f"Date: {email.utils.format_datetime(moment, usegmt=True)}"]
            told += [f"X-RateLimit-Remaining: {max(0, left)}"] if self.forewarns else []
            told += [f"X-RateLimit-Reset: {int((1.8e9 + self.begun + 60) * 1000)}"]
            self.refused += left < 0
            if left < 0:
                connection.send(answer({"success": False}, *told, status="429 Too Many Requests"))
            elif is_friend(request):
                connection.send(answer({**GOOD, "step": "importer_done" if now > 40 else GOOD["step"]}, *told))
            else:
                connection.send(answer(REFUSED, *told, status="401 Unauthorized"))


@pytest.mark.parametrize("forewarns", [True, False])
def test_a_rate_limit(forewarns: bool) -> None:
    """A run takes the time that a limiter gives it, and ends with verdicts; a 429 is no finding."""
    limiter = Limiter(forewarns=forewarns)
    polls = Polls(every=7, at_most=3600)
    with RawServer(limiter) as server:
        given = settings(limits=Limits(timeout=20), polls=polls, subjects={"finished": [{}]})
        found = tried(server.url, given, examples=10, clock=lambda clock: setattr(limiter, "clock", clock))
    assert found.report.exit_code() == 0
    assert not found.rows("broken")
    assert not found.rows("could not run")
    assert found.row("response/200").outcome == "kept"
    assert len(found.target.exchanges) > 15
    assert limiter.refused == 0 or not forewarns
    assert limiter.refused <= 1 + len(found.target.exchanges) // 10


def test_some_answers_lost() -> None:
    """Where some answers are lost and others judged, the verdicts stand and the run notes what was lost."""

    def behave(connection: Connection) -> None:
        while request := connection.request():
            if len(connection.server.requests) % 3 == 2:
                return resets_in_the_body(connection)
            connection.send(answer(GOOD) if is_friend(request) else answer(REFUSED, status="401 Unauthorized"))
        return None

    with RawServer(behave) as server:
        found = tried(server.url, examples=10)
    lost = [e for e in found.target.exchanges if e.answer is None]
    assert lost
    assert found.row("response/200").outcome == "kept"
    assert not found.rows("broken")
    assert found.report.vendors[VENDOR].troubles == {CLOSED: len(lost)}
    assert f"{len(lost)} of {len(found.target.exchanges)} requests got no answer: {CLOSED}" in found.printed


def test_an_operation_that_goes_silent() -> None:
    """An operation that answered once and never again is given up, and what it said first is judged."""

    def behave(connection: Connection) -> None:
        while connection.request():
            if len(connection.server.requests) == 1:
                connection.send(answer(GOOD))
            else:
                connection.reset()

    with RawServer(behave) as server:
        found = tried(server.url, settings(limits=Limits(timeout=5, patience=2)), examples=10)
    assert found.row("response/200").outcome == "kept"
    assert f"{VENDOR}: getImportProgress answered no more and was given up" in found.printed
    assert len(found.target.exchanges) < 8


def everything(behave: Behaviour) -> Tried:
    """A trial with made-up requests as well."""
    with RawServer(behave) as server:
        return tried(server.url, examples=6)


def test_escapes_and_markup() -> None:
    """Escapes and markup in a body reach no terminal: they are shown as text."""
    nasty = "\x1b]0;owned\x07[red]bold[/red]\x9b31m\u202e<script>alert(1)</script>"
    shown = everything(to_friends(answer({**GOOD, "key": [nasty], "step": nasty})))
    raw = everything(to_friends(answer(nasty.encode())))
    for found in (shown, raw):
        assert found.rows("broken")
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(found.printed)
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set("".join(json.loads(found.written)["rows"][0]))
        assert "[red]bold[/red]" in found.printed
        assert "<script>" in found.printed


def echoing(request: bytes) -> bytes:
    """A body that repeats a token in every form that comes to mind."""
    token = next((line for line in request.decode("latin-1").split("\r\n") if "Auth-Token" in line), "").partition(
        ": "
    )[2]
    forms = [
        token,
        json.dumps(token),
        urllib.parse.quote(token, safe=""),
        urllib.parse.quote(token, safe="").lower(),
        urllib.parse.quote_plus(token),
        token.replace("/", "\\/"),
        base64.b64encode(token.encode()).decode(),
        base64.b64encode(f"a{token}".encode()).decode(),
        base64.b64encode(f"ab:{token}:c".encode()).decode(),
        base64.urlsafe_b64encode(token.encode()).decode(),
        token.encode().hex(),
        "x" * 100 + token,
        "x" * 590 + token,
    ]
    return answer({"success": forms, "key": " ".join(forms), "step": forms[0], **dict.fromkeys(forms, 1)})


def secret_forms() -> list[str]:
    """What must stand nowhere: our token, or the better part of it, in any form."""
    half = TOKEN[:11]
    return [
        half,
        TOKEN[7:],
        urllib.parse.quote(half, safe=""),
        base64.b64encode(half.encode()).decode()[:12],
        base64.b64encode(b"a" + half.encode()).decode()[2:12],
        base64.b64encode(b"ab" + half.encode()).decode()[3:12],
        half.encode().hex(),
    ]


def test_a_repeated_token() -> None:
    """A body that repeats our token shows it in no report, whatever form it has there and wherever it is cut off."""

    def behave(connection: Connection) -> None:
        while request := connection.request():
            connection.send(echoing(request))

    found = everything(behave)
    assert found.rows("broken")
    assert "<default X-Auth-Token>" in found.printed
    for form in secret_forms():
        assert form not in found.printed
        assert form not in found.written


def test_kept_connections() -> None:
    """A kept connection that the server has closed costs no answer: what is safe is asked again, on a fresh one."""

    def behave(connection: Connection) -> None:
        request = connection.request()
        connection.send(answer(GOOD) if is_friend(request) else answer(REFUSED, status="401 Unauthorized"))
        if connection.request():
            connection.reset()

    with RawServer(behave) as server:
        found = tried(server.url)
    assert not found.troubles()
    assert found.report.exit_code() == 0


def asked(url: str, method: str, between: Callable[[], object] = lambda: None) -> tuple[Target, list[str]]:
    """A target that is asked twice, the second time by a method; the troubles. `between`: what is waited for."""
    vendor = loader.load("netapp_ontap")
    given = settings(allow_writes=True, limits=Limits(timeout=5))
    target = Target(vendor, Live(url, given.limits), VirtualClock(), given, url)
    operation = next(o for o in vendor.operations.values() if o.method == method)
    first = next(o for o in vendor.operations.values() if o.method == "GET")
    exchanges = [target.send(build(vendor, first, {}))]
    between()
    exchanges.append(target.send(build(vendor, operation, {})))
    target.close()
    return target, [exchange.trouble for exchange in exchanges]


def drops_the_second(connection: Connection) -> None:
    """Answers the first request of each connection, and drops the second one unanswered."""
    if connection.request():
        connection.send(answer(GOOD))
    connection.request()


def test_a_dropped_post() -> None:
    """A request that starts something is never sent twice: that its connection was dropped is a lost answer."""
    with RawServer(drops_the_second) as server:
        _, troubles = asked(server.url, "POST")
    assert troubles == ["", CLOSED]
    assert len(server.requests) == 2


def test_a_connection_that_ended_before() -> None:
    """A connection that ended between two requests is not used again, so that what starts something is not lost."""
    ended = threading.Event()

    def behave(connection: Connection) -> None:
        if connection.request():
            connection.send(answer(GOOD))
        connection.sock.close()
        ended.set()

    with RawServer(behave) as server:
        _, troubles = asked(server.url, "POST", between=lambda: ended.wait(20))
    assert troubles == ["", ""]
    assert server.connections == 2


def test_a_dropped_get() -> None:
    """A request that changes nothing is sent again when a kept connection was dropped under it."""
    with RawServer(drops_the_second) as server:
        _, troubles = asked(server.url, "GET")
    assert troubles == ["", ""]
    assert len(server.requests) == 3


def test_the_memory_of_a_run() -> None:
    """Answers that together take more memory than a run may have end it; what was learnt is judged."""
    big = answer({**GOOD, "more": "x" * 100_000})
    with RawServer(to_friends(big)) as server:
        found = tried(server.url, settings(limits=Limits(timeout=5, memory=250_000)), examples=10)
    assert found.trial.spent == "the answers take more than 250000 bytes of memory"
    assert found.row("response/200").outcome == "kept"
    assert len(found.target.exchanges) == 3


MEASURED = """
    import resource, sys
    sys.path[:0] = [{root!r}]
    from pollspec.trial.wire.limits import Limits
    from tests import livetrial, test_hostile
    from tests.rawserver import RawServer
    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with RawServer(test_hostile.{behaviour}) as server:
        before = peak()
        limits = Limits(timeout=60, requests=6)
        found = livetrial.tried(server.url, livetrial.settings(limits=limits), name={vendor!r}, examples=20)
        print(peak() - before, found.report.exit_code())
"""


def bomb() -> bytes:
    """A gibibyte in a few kilobytes, made without ever holding it."""
    zipper = zlib.compressobj(1, wbits=31)
    zipped = b"".join(zipper.compress(b"[" * 2**20) for _ in range(2**10)) + zipper.flush()
    return answer(gzip.compress(zipped), JSON, "Content-Encoding: gzip, gzip")


VALUES = Limits.values
LARGEST = answer([{}] * (VALUES - 1))
HEAVY = answer({**GOOD, "more": [{}] * (VALUES - 10)})
LONG = answer({**GOOD, "key": ["x" * (Limits.size - 500)]})
NAMES = answer({"install_progress": {f"n{n}": n for n in range(VALUES - 10)}})
HEADERS = answer(GOOD, JSON, *(f"X-{n}: y" for n in range(4000)))
WRONG = answer({"install_progress": {"node_progresses": [{}] * (VALUES - 10)}})
WORST = {
    "gzip-bomb": (VENDOR, "to_friends(test_hostile.bomb())", 3),
    "endless-chunks": (VENDOR, "after_a_request(test_hostile.never_ends_a_chunked_body)", 3),
    "as-large-as-allowed": (VENDOR, "to_friends(test_hostile.LARGEST)", 1),
    "as-heavy-as-allowed": (VENDOR, "to_friends(test_hostile.HEAVY)", 0),
    "as-wrong-as-allowed": ("logpresso_sonar", "always(test_hostile.WRONG)", 1),
    "as-long-as-allowed": (VENDOR, "to_friends(test_hostile.LONG)", 1),
    "as-many-names-as-allowed": ("logpresso_sonar", "always(test_hostile.NAMES)", 1),
    "as-many-headers-as-allowed": (VENDOR, "to_friends(test_hostile.HEADERS)", 0),
}


@pytest.mark.parametrize(("vendor", "behaviour", "code"), WORST.values(), ids=WORST)
def test_memory(vendor: str, behaviour: str, code: int) -> None:
    """The worst answers take less than 130 MiB over the baseline, all of a run together."""
    root = str(pathlib.Path(__file__).parent.parent)
    script = textwrap.dedent(MEASURED).format(root=root, behaviour=behaviour, vendor=vendor)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    grown, ended = map(int, done.stdout.split())
    assert grown < 130
    assert ended == code
