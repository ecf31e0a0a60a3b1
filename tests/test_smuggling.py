"""What a client may put on the wire to the proxy: each request is passed on as one, or refused, and never mended."""

from __future__ import annotations

import contextlib
import re
import socket
import urllib.parse
from collections.abc import Iterator

import pytest

from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from pollspec.doors.proxy.gatekeeper import Refusal, check_framing
from pollspec.doors.proxy.proxy import Proxy
from pollspec.servers.polite import Mock
from tests.rawserver import Behaviour, Connection, RawServer, answer
from tests.recordings import Remembering
from tests.serving import PATIENCE, served, to_the_end, until

PATH = "/api/cluster/software/download"
HOST = "Host: client"
HIDDEN = "GET /hidden HTTP/1.1\r\nHost: client\r\n\r\n"
"""What is smuggled, or a second request, as the reader understands it."""


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return load("netapp_ontap")


def body_of(request: bytes) -> bytes:
    """What follows the head: a head may end in a nought as well, as the proxy's name in Via does now and then."""
    return request.partition(b"\r\n\r\n")[2]


def reads(connection: Connection) -> None:
    """An upstream that reads everything that comes, and answers each request without a body."""
    while head := connection.request():
        if b"ransfer-encoding: chunked" in head:
            while not body_of(head).endswith(b"0\r\n\r\n") and (part := connection.sock.recv(65536)):
                head += part
        connection.server.requests[-1] = head
        connection.send(answer(b"{}"))


Between = tuple[str, RawServer, Remembering]
"""A proxy's address, the server behind it, and what was recorded."""


@contextlib.contextmanager
def standing_in(vendor: Vendor) -> Iterator[Between]:
    """A proxy before an upstream that reads everything."""
    with RawServer(reads) as upstream:
        recording = Remembering(vendor, upstream.url)
        with served(Proxy(recording, upstream.url)) as url:
            yield url, upstream, recording


@pytest.fixture(scope="module")
def standing(vendor: Vendor) -> Iterator[Between]:
    """A proxy that stands for all tests of this module."""
    with standing_in(vendor) as between:
        yield between


@pytest.fixture
def between(standing: Between) -> Between:
    """The same, with nothing heard yet; what passed before was recorded."""
    _, upstream, recording = standing
    until(lambda: len(recording.exchanges) + recording.others >= len(upstream.requests))
    upstream.requests.clear()
    recording.exchanges.clear()
    recording.others = 0
    return standing


def told(url: str, raw: str) -> bytes:
    """Everything that comes back for these bytes until the connection is closed at the other side."""
    parts = urllib.parse.urlsplit(url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 80)), PATIENCE) as client:
        client.sendall(raw.encode("latin-1"))
        return to_the_end(client)


def statuses(raw: bytes) -> list[int]:
    """The statuses of the answers in these bytes."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3})", raw)]


def lines(*several: str, body: str = "") -> str:
    """A request."""
    return "\r\n".join([*several, "", ""]) + body


POST = f"POST {PATH} HTTP/1.1"
CHUNKS = "2\r\n{}\r\n0\r\n\r\n"
BAD = {
    "both-lengths": lines(POST, HOST, "Content-Length: 4", "Transfer-Encoding: chunked", body="0\r\n\r\n" + HIDDEN),
    "both-lengths-turned": lines(
        POST, HOST, "Transfer-Encoding: chunked", "Content-Length: 30", body="0\r\n\r\n" + HIDDEN
    ),
    "both-lengths-and-none": lines(POST, HOST, "Content-Length: 0", "Transfer-Encoding: chunked", body="0\r\n\r\n"),
    "two-lengths": lines(POST, HOST, "Content-Length: 2", "Content-Length: 40", body="{}" + HIDDEN),
    "a-list-of-lengths": lines(POST, HOST, "Content-Length: 2, 40", body="{}" + HIDDEN),
    "a-signed-length": lines(POST, HOST, "Content-Length: +2", body="{}"),
    "a-length-in-hex": lines(POST, HOST, "Content-Length: 0x2", body="{}"),
    "a-negative-length": lines(POST, HOST, "Content-Length: -1", body="{}"),
    "two-codings": lines(POST, HOST, "Transfer-Encoding: gzip, chunked", body=CHUNKS),
    "chunked-twice": lines(POST, HOST, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=CHUNKS),
    "chunked-with-identity": lines(
        POST, HOST, "Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=CHUNKS
    ),
    "another-coding": lines(POST, HOST, "Transfer-Encoding: xchunked", body=CHUNKS),
    "a-coding-in-quotes": lines(POST, HOST, 'Transfer-Encoding: "chunked"', body=CHUNKS),
    "a-coding-after-a-tab": lines(POST, HOST, "Transfer-Encoding: \x0bchunked", body=CHUNKS),
    "a-coding-in-http-10": lines(f"POST {PATH} HTTP/1.0", HOST, "Transfer-Encoding: chunked", body=CHUNKS),
    "a-space-before-the-colon": lines(POST, HOST, "Transfer-Encoding : chunked", body=CHUNKS),
    "a-space-before-the-name": lines(POST, " Transfer-Encoding: chunked", HOST, body=CHUNKS),
    "a-bare-cr": lines(POST, HOST, "X: a\rTransfer-Encoding: chunked", body=CHUNKS),
    "a-nul": lines(POST, HOST, "X: a\0b", "Content-Length: 2", body="{}"),
    "no-host": lines(f"GET {PATH} HTTP/1.1"),
    "two-hosts": lines(f"GET {PATH} HTTP/1.1", HOST, "Host: other"),
    "a-host-with-a-path": lines(f"GET {PATH} HTTP/1.1", "Host: a/../b"),
    "a-host-with-a-user": lines(f"GET {PATH} HTTP/1.1", "Host: a@b"),
    "a-fragment": lines(f"GET {PATH}#x HTTP/1.1", HOST),
    "a-space-in-the-target": lines(f"GET {PATH} x HTTP/1.1", HOST),
    "no-version": f"GET {PATH}\r\n\r\n",
}


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD)
def test_what_may_be_read_two_ways(between: Between, raw: str) -> None:
    """A request that two servers may read differently is answered 400, its connection is closed, and nothing passes."""
    url, upstream, recording = between
    assert statuses(told(url, raw)) == [400]
    assert b"".join(upstream.requests) == b""
    assert recording.exchanges == []


BODIES = {"in-hex": "0x2\r\n{}\r\n0\r\n\r\n", "longer-than-it-says": "2\r\n{}GET\r\n0\r\n\r\n"}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_chunk_that_is_none(vendor: Vendor, body: str) -> None:
    """A body whose framing breaks is answered 400, and for the upstream the request never gets whole."""
    with standing_in(vendor) as (url, upstream, _):
        assert statuses(told(url, lines(POST, HOST, "Transfer-Encoding: chunked", body=body))) == [400]
    assert not [request for request in upstream.requests if body_of(request).endswith(b"0\r\n\r\n")]


SIZED, CHUNKED = ("Content-Length: 2", "{}"), ("Transfer-Encoding: chunked", CHUNKS)
CLOSE = "Connection: close"
GOOD = {
    "a-length": (lines(POST, HOST, CLOSE, SIZED[0], body="{}"), SIZED),
    "a-length-twice": (lines(POST, HOST, CLOSE, SIZED[0], SIZED[0], body="{}"), SIZED),
    "chunks": (lines(POST, HOST, CLOSE, CHUNKED[0], body=CHUNKS), CHUNKED),
    "chunks-in-capitals": (lines(POST, HOST, CLOSE, "Transfer-Encoding: CHUNKED", body=CHUNKS), CHUNKED),
    "a-folded-coding": (lines(POST, HOST, CLOSE, "Transfer-Encoding:", " chunked", body=CHUNKS), CHUNKED),
    "a-folded-header": (lines(POST, HOST, CLOSE, "X: a", " Transfer-Encoding: chunked", SIZED[0], body="{}"), SIZED),
    "bare-line-feeds": (f"{POST}\n{HOST}\n{CLOSE}\n{SIZED[0]}\n\n{{}}", SIZED),
    "an-extension": (lines(POST, HOST, CLOSE, CHUNKED[0], body="2;x=y\r\n{}\r\n0\r\n\r\n"), CHUNKED),
    "a-trailer": (lines(POST, HOST, CLOSE, CHUNKED[0], body="2\r\n{}\r\n0\r\nHost: x\r\n\r\n"), CHUNKED),
    "a-connection-of-lengths": (lines(POST, HOST, f"{CLOSE}, content-length, host", SIZED[0], body="{}"), SIZED),
    "a-get-with-a-body": (lines(f"GET {PATH} HTTP/1.1", HOST, CLOSE, SIZED[0], body="{}"), SIZED),
}


@pytest.mark.parametrize(("raw", "framing"), GOOD.values(), ids=GOOD)
def test_what_can_be_read_one_way(between: Between, raw: str, framing: tuple[str, str]) -> None:
    """Odd but unambiguous framing arrives as plain framing, one request for one."""
    url, upstream, _ = between
    assert statuses(told(url, raw)) == [200]
    (request,) = upstream.requests
    head, _, rest = request.lower().partition(b"\r\n\r\n")
    assert framing[0].lower().encode() in head.split(b"\r\n")
    assert rest == framing[1].encode()
    assert len([line for line in head.split(b"\r\n") if line.startswith((b"content-length", b"transfer-"))]) == 1
    assert b"host: 127.0.0.1:%d" % upstream.port in head


def test_requests_in_a_row(between: Between) -> None:
    """Two requests on one connection are two, each answered on its own."""
    url, upstream, _ = between
    raw = lines(POST, HOST, "Content-Length: 2", body="{}") + lines(f"GET {PATH} HTTP/1.1", HOST, CLOSE)
    assert statuses(told(url, raw)) == [200, 200]
    assert [request.split(b" ")[0] for request in upstream.requests] == [b"POST", b"GET"]


def elsewhere(url: str, upstream: str) -> dict[str, str]:
    """Requests for other servers than the upstream."""
    proxy, behind = url.removeprefix("http://"), upstream.removeprefix("http://")
    return {
        "another-host": lines(f"GET http://other.example{PATH} HTTP/1.1", "Host: other.example"),
        "another-port": lines(f"GET http://127.0.0.1:1{PATH} HTTP/1.1", "Host: 127.0.0.1:1"),
        "another-scheme": lines(f"GET https://{behind}{PATH} HTTP/1.1", f"Host: {behind}"),
        "no-http": lines(f"GET ftp://{behind}{PATH} HTTP/1.1", f"Host: {behind}"),
        "another-host-named-as-this": lines(f"GET http://other.example{PATH} HTTP/1.1", f"Host: {proxy}"),
        "this-named-as-another-host": lines(f"GET http://{behind}{PATH} HTTP/1.1", "Host: other.example"),
        "a-user-here": lines(f"GET http://me@{behind}{PATH} HTTP/1.1", f"Host: {behind}"),
        "a-user-that-looks-like-this": lines(f"GET http://{behind}@other.example{PATH} HTTP/1.1", f"Host: {behind}"),
        "an-authority-glued-on": lines(f"GET @other.example{PATH} HTTP/1.1", HOST),
        "a-port-glued-on": lines("GET :1/x HTTP/1.1", HOST),
        "no-slash": lines(f"GET {PATH[1:]} HTTP/1.1", HOST),
        "half-an-address": lines("GET http://[::1/x HTTP/1.1", HOST),
        "no-port": lines(f"GET http://127.0.0.1:x{PATH} HTTP/1.1", HOST),
        "a-tunnel": lines("CONNECT other.example:443 HTTP/1.1", "Host: other.example:443"),
        "a-tunnel-to-the-upstream": lines(f"CONNECT {behind} HTTP/1.1", f"Host: {behind}"),
    }


@pytest.mark.parametrize("name", elsewhere("", ""))
def test_no_way_to_other_servers(between: Between, name: str) -> None:
    """What is for another server is answered 421, with the way out; nothing is sent, and nothing is judged of it."""
    url, upstream, recording = between
    answered = told(url, elsewhere(url, upstream.url)[name])
    assert statuses(answered) == [421]
    assert f"leads to {upstream.url} alone: give it as the base URL, not as HTTP_PROXY".encode() in answered
    assert upstream.requests == []
    assert (recording.exchanges, recording.others) == ([], 1)


def here(url: str, upstream: str) -> dict[str, str]:
    """Requests for the upstream, in the forms that clients use."""
    proxy, behind = url.removeprefix("http://"), upstream.removeprefix("http://")
    local = proxy.replace("127.0.0.1", "localhost")
    return {
        "by-its-path": lines(f"GET {PATH}?a=b HTTP/1.1", "Host: any.example", CLOSE),
        "by-its-address": lines(f"GET http://{behind}{PATH}?a=b HTTP/1.1", f"Host: {behind}", CLOSE),
        "by-the-proxys-address": lines(f"GET http://{proxy}{PATH}?a=b HTTP/1.1", f"Host: {proxy}", CLOSE),
        "by-the-proxys-name": lines(f"GET http://{local}{PATH}?a=b HTTP/1.1", f"Host: {local}", CLOSE),
        "in-capitals": lines(f"GET HTTP://{behind}{PATH}?a=b HTTP/1.1", f"Host: {behind}", CLOSE),
        "in-http-10": lines(f"GET http://{behind}{PATH}?a=b HTTP/1.0"),
    }


@pytest.mark.parametrize("name", here("", ""))
def test_the_upstream_by_any_name(between: Between, name: str) -> None:
    """What is for the upstream is passed on in origin-form, and judged under the upstream's own address."""
    url, upstream, recording = between
    assert statuses(told(url, here(url, upstream.url)[name])) == [200]
    (request,) = upstream.requests
    assert request.startswith(f"GET {PATH}?a=b HTTP/1.1\r\n".encode())
    assert b"host: 127.0.0.1:%d\r\n" % upstream.port in request
    until(lambda: bool(recording.exchanges))
    assert [exchange.request.target for exchange in recording.exchanges] == [f"{upstream.url}{PATH}?a=b"]


def test_a_target_for_the_whole_server(between: Between) -> None:
    """OPTIONS * is about the server, not about a path, and arrives so."""
    url, upstream, _ = between
    assert statuses(told(url, lines("OPTIONS * HTTP/1.1", HOST, CLOSE))) == [200]
    assert upstream.requests[0].startswith(b"OPTIONS * HTTP/1.1\r\n")


def test_a_loop(vendor: Vendor) -> None:
    """A proxy that is its own upstream says so after one round: 508; a proxy between the two changes nothing."""
    for between_them in (0, 1):
        recordings = [Remembering(vendor, "http://nowhere.example") for _ in range(2)]
        first = Proxy(recordings[0], "http://127.0.0.1:1")
        with served(first) as url, served(Proxy(recordings[1], url)) as other:
            lead_to(first, other if between_them else url)
            answered = told(url, lines(f"GET {PATH} HTTP/1.1", HOST, CLOSE))
        assert statuses(answered) == [508]
        assert b"leads back to this proxy: give the server's own address" in answered
        troubles = {exchange.trouble for recording in recordings for exchange in recording.exchanges}
        assert "the upstream leads back to this proxy" in troubles
        assert recordings[0].others == 1


def lead_to(proxy: Proxy, upstream: str) -> None:
    """Give a proxy another upstream: its own address is known only once it is served."""
    made = Proxy(proxy.recording, upstream)
    proxy.origin, proxy.host, proxy.gatekeeper = made.origin, made.host, made.gatekeeper


def test_via_is_sent(between: Between) -> None:
    """Every request says in Via that it came through a proxy (RFC 9110, 7.6.3), after what other proxies say."""
    url, upstream, _ = between
    told(url, lines(f"GET {PATH} HTTP/1.1", HOST, CLOSE, "Via: 1.1 other"))
    assert b"via: 1.1 other\r\nvia: 1.1 pollspec-" in upstream.requests[0]


ELSEWHERE = {
    "both": [(b"content-length", b"1"), (b"transfer-encoding", b"chunked")],
    "two-lengths": [(b"content-length", b"1"), (b"content-length", b"2")],
    "a-list": [(b"content-length", b"1, 1")],
    "no-number": [(b"content-length", b"1_0")],
    "another-coding": [(b"transfer-encoding", b"gzip")],
    "two-hosts": [(b"host", b"a"), (b"host", b"b")],
}


@pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE)
def test_another_server_of_the_application(headers: list[tuple[bytes, bytes]]) -> None:
    """What this project's server refuses by itself is refused by the proxy too, whichever server it runs on."""
    with pytest.raises(Refusal) as refused:
        check_framing({"headers": headers, "http_version": "1.1"})
    assert refused.value.status == 400


def once(told: bytes) -> Behaviour:
    """Answers one request with these bytes, and ends."""

    def behave(connection: Connection) -> None:
        if connection.request():
            connection.send(told)

    return behave


def test_an_answer_with_two_lengths(vendor: Vendor) -> None:
    """An answer with both lengths is read by its chunks, and passes without the other (RFC 9112, 6.3)."""
    both = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n"
    with (
        RawServer(once(both + b'9\r\n{"a": 12}\r\n0\r\n\r\n')) as upstream,
        served(Proxy(Remembering(vendor, upstream.url), upstream.url)) as url,
    ):
        answered = told(url, lines(f"GET {PATH} HTTP/1.1", HOST, CLOSE))
    assert statuses(answered) == [200]
    assert b"content-length" not in answered
    assert b'{"a": 12}' in answered


STATUSES = {"600 Unknown": 600, "999 Denied": 999, "101 Switching Protocols": 0, "099 Odd": 0, "1000 Odd": 0}


@pytest.mark.parametrize(("sent", "recorded"), STATUSES.items(), ids=STATUSES)
def test_statuses_that_are_none(vendor: Vendor, sent: str, recorded: int) -> None:
    """A client gets 502 for what is no status; one that can be read at all is judged as the answer that it was."""
    with RawServer(once(answer(b'{"a": 1}', status=sent))) as upstream:
        recording = Remembering(vendor, upstream.url)
        with served(Proxy(recording, upstream.url)) as url:
            assert statuses(told(url, lines(f"GET {PATH} HTTP/1.1", HOST, CLOSE))) == [502]
    (exchange,) = recording.exchanges
    assert (exchange.answer.status if exchange.answer else 0) == recorded
    assert not exchange.answer or exchange.answer.content == b'{"a": 1}'


HARMLESS = {"both-lengths", "both-lengths-turned", "both-lengths-and-none", "a-coding-in-http-10", "a-fragment"}
HARMLESS |= {"a-host-with-a-path", "a-host-with-a-user"}
"""What is dangerous only where it is passed on."""


def test_the_mock_reads_as_strictly(vendor: Vendor) -> None:
    """The mock answers 400 to what may be read two ways, and reads on no further."""
    with served(Mock(vendor)) as url:
        found = {name: statuses(told(url, raw)) for name, raw in BAD.items() if name not in HARMLESS}
    assert found == {name: [400] for name in found}
