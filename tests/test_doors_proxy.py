"""The proxy passes everything on as it is, as it comes, and judges it beside the way."""

from __future__ import annotations

import contextlib
import gzip
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import trustme
from click.testing import CliRunner

from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.document.messages import Answer
from pollspec.document.vendor import Vendor
from pollspec.doors.proxy.hops import passed_on
from pollspec.doors.proxy.proxy import Proxy, direct
from pollspec.doors.proxy.serving import Telling
from pollspec.doors.recording import of_traffic
from pollspec.servers.polite import Mock
from pollspec.trial.wire.connections import Tls
from pollspec.trial.wire.pace import VirtualClock
from tests.recordings import Remembering
from tests.serving import PATIENCE, head, scripted, served, to_the_end, until

DOWNLOAD = "/api/cluster/software/download"
SIGNED = {"Authorization": "Basic YWRtaW46cG9sbHNwZWMtdGVzdC1jYXJk"}


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return load("netapp_ontap")


@contextlib.contextmanager
def proxied(vendor: Vendor, upstream: str, **options: Any) -> Iterator[tuple[str, Remembering]]:
    recording = Remembering(vendor, upstream)
    with served(Proxy(recording, upstream, **options)) as url:
        yield url, recording


@contextlib.contextmanager
def before(
    vendor: Vendor, script: Callable[[socket.socket], None], **options: Any
) -> Iterator[tuple[str, Remembering]]:
    """A proxy before a scripted server."""
    with scripted(script) as upstream, proxied(vendor, upstream, **options) as through:
        yield through


def connected(url: str) -> socket.socket:
    parts = urllib.parse.urlsplit(url)
    assert parts.hostname and parts.port
    return socket.create_connection((parts.hostname, parts.port), PATIENCE)


def answering(answer: bytes, heard: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    """A script that reads a request without a body and sends these bytes."""

    def script(connection: socket.socket) -> None:
        request = head(connection)
        if heard is not None:
            heard.append(request)
        connection.sendall(answer)

    return script


def test_an_answer_passes_byte_for_byte(vendor: Vendor) -> None:
    """Codings, the order of headers, headers that stand twice, and a Location stay as they are."""
    body = gzip.compress(b'{"state": "running"}')
    sent = (
        b"HTTP/1.1 303 See Other\r\nx-last: z\r\nset-cookie: a=1\r\nlocation: http://elsewhere/x%%2fy\r\n"
        b"content-encoding: gzip\r\nset-cookie: b=2\r\nx-first: a\r\ncontent-length: %d\r\n\r\n" % len(body)
    )
    with before(vendor, answering(sent + body)) as (url, _), connected(url) as client:
        client.sendall(b"GET /anything HTTP/1.1\r\nhost: client\r\nconnection: close\r\n\r\n")
        answer = to_the_end(client)
    received, _, content = answer.partition(b"\r\n\r\n")
    assert content == body
    wanted = sent.split(b"\r\n")[1:-2]
    assert [line for line in received.split(b"\r\n")[1:] if line.lower() != b"connection: close"] == wanted
    assert received.startswith(b"HTTP/1.1 303 ")


def test_a_request_passes_byte_for_byte(vendor: Vendor) -> None:
    """The target, the order of headers and what stands twice stay; Host comes first, Via last."""
    heard: list[bytes] = []
    answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    asked = (
        b"GET /a%2Fb/%7e;x=1/'?q=%20+[]|&q=2 HTTP/1.1\r\nx-b: 1\r\nhost: client\r\nx-a: 2\r\nx-b: 3\r\n"
        b"connection: close, x-hop\r\nx-hop: 1\r\nte: trailers\r\nauthorization: Basic Og==\r\n\r\n"
    )
    with scripted(answering(answer, heard)) as upstream:
        recording = Remembering(vendor, upstream)
        with served(Proxy(recording, f"{upstream}/pre")) as url, connected(url) as client:
            client.sendall(asked)
            to_the_end(client)
    host = upstream.removeprefix("http://").encode()
    told, _, via = heard[0].partition(b"via: 1.1 pollspec-")
    assert told == (
        b"GET /pre/a%2Fb/%7e;x=1/'?q=%20+[]|&q=2 HTTP/1.1\r\nhost: " + host + b"\r\nx-b: 1\r\nx-a: 2\r\nx-b: 3\r\n"
        b"authorization: Basic Og==\r\n"
    )
    assert re.fullmatch(rb"[0-9a-f]{16}\r\n\r\n", via)


def test_headers_for_one_connection_are_left_out() -> None:
    """Those of RFC 9110 (7.6.1) and those that Connection names are; no other is."""
    given = [(b"a", b"1"), (b"connection", b"close, B"), (b"b", b"2"), (b"transfer-encoding", b"chunked"), (b"c", b"3")]
    given += [(b"content-length", b"5")]
    assert passed_on([*given, (b"connection", b"d"), (b"d", b"4"), (b"keep-alive", b"5")]) == [
        (b"a", b"1"),
        (b"c", b"3"),
    ]


def test_the_first_part_arrives_before_the_last_is_sent(vendor: Vendor) -> None:
    """An answer passes as it comes: the upstream sends its second part only when the client has the first."""
    arrived = threading.Event()

    def script(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        if arrived.wait(PATIENCE):
            connection.sendall(b"4\r\nlast\r\n0\r\n\r\n")

    with before(vendor, script) as (url, _), httpx.stream("GET", f"{url}{DOWNLOAD}", timeout=PATIENCE) as response:
        parts = response.iter_raw()
        assert next(parts) == b"first"
        arrived.set()
        assert b"".join(parts) == b"last"


def test_a_request_passes_as_it_comes(vendor: Vendor) -> None:
    """The client sends its second part only when the upstream has the first."""
    arrived, whole = threading.Event(), list[bytes]()

    def script(connection: socket.socket) -> None:
        head(connection)
        read = b""
        while not read.endswith(b"0\r\n\r\n"):
            read += connection.recv(65536)
            if b"first" in read:
                arrived.set()
        whole.append(read)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    def body() -> Iterator[bytes]:
        yield b"first"
        assert arrived.wait(PATIENCE)
        yield b"last"

    with before(vendor, script) as (url, _):
        assert httpx.post(f"{url}/anything", content=body(), timeout=PATIENCE).text == "ok"
    assert whole == [b"5\r\nfirst\r\n4\r\nlast\r\n0\r\n\r\n"]


def test_a_large_body_passes_and_is_not_judged(vendor: Vendor) -> None:
    """What is kept is limited, what passes is not: the exchange is recorded as one that was not seen whole."""
    content = b'{"state": "' + b"x" * 300_000 + b'"}'
    sent = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(content)
    with before(vendor, answering(sent + content), size=100_000) as (url, recording):
        assert httpx.get(f"{url}{DOWNLOAD}", timeout=PATIENCE).content == content
        until(lambda: bool(recording.exchanges))
    (exchange,) = recording.exchanges
    assert (exchange.answer, exchange.trouble) == (None, "a body of more than 100000 bytes")


def test_a_large_request_passes_and_is_not_judged(vendor: Vendor) -> None:
    """A body of which only a part was kept is never taken for what was sent."""
    with served(Mock(vendor)) as upstream, proxied(vendor, upstream, size=1000) as (url, recording):
        body = {"url": f"http://server/{'x' * 2000}"}
        assert httpx.post(f"{url}{DOWNLOAD}", json=body, headers=SIGNED, timeout=PATIENCE).status_code == 202
        until(lambda: bool(recording.exchanges))
    assert [exchange.trouble for exchange in recording.exchanges] == ["a body of more than 1000 bytes"]


def test_an_upstream_that_is_down_is_a_502_and_trouble(vendor: Vendor) -> None:
    """The client is told in plain words, and the exchange has no answer."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with proxied(vendor, f"http://127.0.0.1:{port}") as (url, recording):
        answer = httpx.get(f"{url}{DOWNLOAD}", timeout=PATIENCE)
        until(lambda: bool(recording.exchanges))
    assert answer.status_code == 502
    assert answer.text == f"pollspec proxy: http://127.0.0.1:{port} gave no answer: the connection was refused\n"
    assert [(e.answer, e.trouble) for e in recording.exchanges] == [(None, "the connection was refused")]


def test_an_answer_that_breaks_off_breaks_off_for_the_client(vendor: Vendor) -> None:
    """A half answer is not made to look like a whole one, and is not judged."""
    half = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"state": '
    with before(vendor, answering(half)) as (url, recording):
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{url}{DOWNLOAD}", timeout=PATIENCE)
        until(lambda: bool(recording.exchanges))
    assert [(e.answer, e.trouble) for e in recording.exchanges] == [
        (None, "the answer broke off (RemoteProtocolError)")
    ]


def test_an_answer_that_is_no_http_is_a_502(vendor: Vendor) -> None:
    """What cannot be passed on is said, and is recorded as trouble."""
    with before(vendor, answering(b"220 mail ready\r\n\r\n")) as (url, recording):
        assert httpx.get(f"{url}{DOWNLOAD}", timeout=PATIENCE).status_code == 502
        until(lambda: bool(recording.exchanges))
    assert [exchange.trouble for exchange in recording.exchanges] == ["the answer broke off (RemoteProtocolError)"]


def test_a_client_that_leaves_ends_the_upstream_request(vendor: Vendor) -> None:
    """The upstream sees its connection closed, and the exchange is no finding against it."""
    asked, ended = threading.Event(), threading.Event()

    def script(connection: socket.socket) -> None:
        head(connection)
        asked.set()
        with contextlib.suppress(ConnectionError):
            assert connection.recv(1) == b""
        ended.set()

    with before(vendor, script) as (url, recording):
        with connected(url) as client:
            client.sendall(f"GET {DOWNLOAD} HTTP/1.1\r\nhost: client\r\n\r\n".encode())
            assert asked.wait(PATIENCE)
        assert ended.wait(PATIENCE)
        until(lambda: bool(recording.exchanges))
    assert [(e.answer, e.trouble) for e in recording.exchanges] == [(None, "the client went away")]


def test_a_dead_connection_to_the_upstream_is_replaced(vendor: Vendor) -> None:
    """A kept connection that the upstream closes without a word costs the client nothing."""
    once = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    with before(vendor, once) as (url, _), httpx.Client(timeout=PATIENCE) as client:
        assert [client.get(f"{url}/x").text for _ in range(3)] == ["ok"] * 3


def test_many_clients_at_once_each_get_their_own_answer(vendor: Vendor) -> None:
    """Twenty clients with forty jobs; each sees the job that it asked for, and no belief is broken."""
    with served(Mock(vendor, polls=4)) as upstream, proxied(vendor, upstream) as (url, recording):

        def ask(number: int) -> bool:
            with httpx.Client(base_url=url, headers=SIGNED, timeout=PATIENCE) as client:
                started = client.post(DOWNLOAD, json={"url": f"http://server/{number}"}).json()["job"]["uuid"]
                return bool(client.get(f"/api/cluster/jobs/{started}").json()["uuid"] == started)

        with ThreadPoolExecutor(20) as pool:
            assert all(pool.map(ask, range(40)))
        until(lambda: len(recording.exchanges) == 80)
    verdicts = recording.verdicts().values()
    assert len(recording.exchanges) == 80
    assert not [verdict.belief.id for verdict in verdicts if verdict.findings]


def test_a_head_request_keeps_its_length_and_has_no_body(vendor: Vendor) -> None:
    """Content-Length of an answer to HEAD passes, though nothing follows it."""
    with before(vendor, answering(b"HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n")) as (url, _):
        answer = httpx.head(f"{url}/x", timeout=PATIENCE)
    assert (answer.headers["content-length"], answer.content) == ("1234", b"")


class Wrong(Mock):
    """A polite server that forgets the message of a job that has ended."""

    def respond(self, *asked: Any) -> Answer:
        """The answer, without its message."""
        answer = super().respond(*asked)
        return Answer(answer.status, answer.headers, answer.content.replace(b'"message":"success"', b'"note":1'))


def test_a_finding_is_told_as_it_happens_and_once(vendor: Vendor, capsys: pytest.CaptureFixture[str]) -> None:
    """The belief is named with its first finding, and again only when there are ten times as many."""
    job = vendor.subjects["finished"].given["$request.path.uuid"]
    told: list[str] = []

    def lines(number: int) -> bool:
        told.extend(capsys.readouterr().err.splitlines())
        return len(told) == number

    with served(Wrong(vendor, polls=1)) as upstream:
        recording = Telling(vendor, of_traffic(vendor), upstream)
        with served(Proxy(recording, upstream)) as url, httpx.Client(timeout=PATIENCE) as client:
            for _ in range(2):
                client.get(f"{url}/api/cluster/jobs/{job}", headers=SIGNED)
            until(lambda: lines(2))
            for _ in range(12):
                client.get(f"{url}/api/cluster/jobs/{job}", headers=SIGNED)
            until(lambda: lines(4))
    assert any(
        "x netapp_ontap/getJob/schema/Job.message expected message (required), actual nothing at /message" in line
        for line in told[:2]
    )
    assert {line.split()[1] for line in told[2:]} == {line.split()[1] for line in told[:2]}
    assert [line.endswith(" times)") for line in told] == [False] * 2 + [True] * 2


def test_secrets_that_pass_are_masked_in_what_is_told(vendor: Vendor, capsys: pytest.CaptureFixture[str]) -> None:
    """A password and a credential that a server repeats are placeholders in a finding's line."""

    class Repeating(Mock):
        def respond(self, method: str, path: str, query: str, headers: Any, content: bytes) -> Answer:
            answer = super().respond(method, path, query, headers, content)
            return Answer(answer.status, answer.headers, b'{"job": ' + content + b"}")

    secret = "swordfish-swordfish"
    with served(Repeating(vendor, VirtualClock())) as upstream:
        recording = Telling(vendor, of_traffic(vendor), upstream)
        with served(Proxy(recording, upstream)) as url:
            body = {"url": "http://server/x", "uuid": secret, "password": secret}
            httpx.post(f"{url}{DOWNLOAD}", json=body, headers=SIGNED, timeout=PATIENCE)
            until(lambda: recording.number == 1)
    assert recording.verdicts()
    told = capsys.readouterr().err.splitlines()
    assert any("keeps-secret" in line for line in told)
    assert any("<password>" in line for line in told)
    assert not [line for line in told if "swordfish" in line]


class Running:
    """`pollspec proxy` in a process of its own."""

    def __init__(self, *more: str) -> None:
        start = [sys.executable, "-c", "from pollspec.cli import main; main()"]
        words = [*start, "proxy", "netapp_ontap", *more]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.first = self.process.stdout.readline()
        self.url = next((word.rstrip(";") for word in self.first.split() if word.startswith("http://")), "")

    def ended_by(self, number: signal.Signals) -> tuple[int, str, str]:
        """The exit code and what was printed, after a signal."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


def ask_of_a_job(vendor: Vendor, url: str, times: int) -> list[Any]:
    """Poll the job that ends well."""
    job = vendor.subjects["finished"].given["$request.path.uuid"]
    with httpx.Client(base_url=url, headers=SIGNED, timeout=PATIENCE) as client:
        return [client.get(f"/api/cluster/jobs/{job}").json() for _ in range(times)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_command_with_its_report(
    vendor: Vendor, number: signal.Signals, tmp_path: pathlib.Path
) -> None:
    """Ctrl-C and SIGTERM alike: what passed was judged, the files are written, the exit code says how it was."""
    report = tmp_path / "report.json"
    with served(Mock(vendor, polls=4)) as upstream:
        running = Running("--upstream", upstream, "--report", f"json={report}")
        assert running.first == f"netapp_ontap: a proxy at {running.url} for {upstream}; Ctrl-C ends it and reports\n"
        assert [body["state"] for body in ask_of_a_job(vendor, running.url, 5)][-1] == "success"
        code, out, err = running.ended_by(number)
    assert (code, err) == (0, f"report: json in {report}\n")
    assert "5 requests of netapp_ontap, 0 others\n" in out
    assert json.loads(report.read_text())["exit_code"] == 0


def test_findings_are_told_while_the_command_runs(vendor: Vendor) -> None:
    """On standard error, one line each; the report at the end has them as `pollspec test` prints them; exit code 1."""
    with served(Wrong(vendor, polls=1)) as upstream:
        running = Running("--upstream", upstream)
        ask_of_a_job(vendor, running.url, 3)
        assert running.process.stderr
        first = running.process.stderr.readline()
        code, out, _ = running.ended_by(signal.SIGINT)
    assert first.startswith("x netapp_ontap/getJob/only-when/success-in-words expected ")
    assert code == 1
    assert "\nx netapp_ontap/getJob/schema/Job.message " in out
    assert f"    reproduce  pollspec proxy netapp_ontap --upstream {upstream} --only netapp_ontap/getJob/schema" in out


def test_a_fault_misbehaves_towards_the_client_only(vendor: Vendor) -> None:
    """The client gets the spoilt answers; the server behind is judged by its own, and keeps everything."""
    with served(Mock(vendor, polls=4)) as upstream:
        running = Running("--upstream", upstream, "--fault", "drops-the-field:getJob/schema/Job.message")
        bodies = ask_of_a_job(vendor, running.url, 5)
        code, out, _ = running.ended_by(signal.SIGTERM)
    assert [body["state"] for body in bodies][-1] == "success"
    assert not [body for body in bodies if "message" in body]
    assert code == 0
    assert "\ndrops-the-field:getJob/schema/Job.message: 5 answers were spoilt for the client\n" in out


@contextlib.contextmanager
def under_tls(vendor: Vendor, folder: pathlib.Path) -> Iterator[tuple[str, str]]:
    """A polite server under TLS, and the file of the authority that vouches for it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    with served(Mock(vendor, polls=4), ssl_certfile=str(folder / "server.pem")) as url:
        yield url, str(folder / "ca.pem")


def test_an_upstream_under_tls_has_to_be_vouched_for(vendor: Vendor, tmp_path: pathlib.Path) -> None:
    """An unknown authority is a 502 that says so; a known one, or none that is asked for, lets everything pass."""
    with under_tls(vendor, tmp_path) as (upstream, authority):

        def asked(tls: Tls) -> tuple[int, str]:
            with proxied(vendor, upstream, transport=direct(tls.context())) as (url, _):
                answer = httpx.get(f"{url}{DOWNLOAD}", headers=SIGNED, timeout=PATIENCE)
                return answer.status_code, answer.text

        assert asked(Tls(authority))[0] == asked(Tls(verify=False))[0] == 200
        status, text = asked(Tls())
    assert status == 502
    assert text.startswith(f"pollspec proxy: {upstream} gave no answer: TLS failed: ")


def test_a_target_file_says_where_and_who(vendor: Vendor, tmp_path: pathlib.Path) -> None:
    """Its base URL is the upstream, its authority is trusted, and its credentials are recognised, not added."""
    with under_tls(vendor, tmp_path) as (upstream, authority):
        target = tmp_path / "target.toml"
        wrong = 'Authorization = "Basic d3Jvbmc6d3Jvbmctd3Jvbmc="'
        target.write_text(f'base_url = "{upstream}"\nverify = "{authority}"\n[credentials.invalid]\n{wrong}\n')
        running = Running("--target", str(target))
        refused = httpx.get(f"{running.url}{DOWNLOAD}", timeout=PATIENCE)
        asked = {"Authorization": "Basic d3Jvbmc6d3Jvbmctd3Jvbmc="}
        wrongly = httpx.get(f"{running.url}{DOWNLOAD}", headers=asked, timeout=PATIENCE)
        code, out, _ = running.ended_by(signal.SIGTERM)
    assert (refused.status_code, wrongly.status_code, code) == (401, 401, 0)
    lacking = [line for line in out.splitlines() if "not tried" in line]
    assert not [line for line in lacking if "getDownload/refuses" in line]


def test_wrong_words_are_clear_errors(tmp_path: pathlib.Path) -> None:
    """An upstream that is no URL, a fault that is none, a port that is taken, certificates that are none."""

    def typed(*words: str) -> tuple[int, str]:
        said = CliRunner().invoke(main, ["proxy", "netapp_ontap", *words])
        return said.exit_code, said.stderr

    nothing, target = tmp_path / "nothing.pem", tmp_path / "target.toml"
    nothing.write_text("nothing")
    target.write_text(f'base_url = "https://127.0.0.1:9"\nverify = "{nothing}"\n')
    upstream = ["--upstream", "http://127.0.0.1:9"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = [
            typed("--upstream", "cluster"),
            typed(*upstream, "--fault", "drops-the-feild"),
            typed(*upstream, "--port", port),
            typed("--target", str(target)),
            typed(),
        ]
    assert [code for code, _ in said] == [2] * 5
    assert "'cluster' is no base URL" in said[0][1]
    assert 'did you mean "drops-the-field"?' in said[1][1]
    assert f"port {port} cannot be used" in said[2][1]
    assert f"{target}:2: verify names no usable PEM file" in said[3][1]
    assert "there is no server to pass on to" in said[4][1]
