"""Bodies that are too large, too slow or broken off, at the mock and at the proxy: bounded, and no traceback."""

from __future__ import annotations

import contextlib
import json
import pathlib
import re
import socket
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator

import pytest

from pollspec.servers.bodies import MOST
from tests.rawserver import Behaviour, Connection, RawServer, answer
from tests.serving import PATIENCE, to_the_end

LARGE = 64 * 2**20
"""Bytes of the large body."""

GROWN = 30
"""MiB that a server may grow by over it."""

POST = "/api/cluster/software/download"
FAULT = ["--fault", "drops-the-field:getJob/schema/Job.message"]


class Running:
    """A command that serves, in a process of its own; what it prints is read once it has ended."""

    def __init__(self, *words: str) -> None:
        start = [sys.executable, "-c", "from pollspec.cli import main; main()", *words]
        self.process = subprocess.Popen(start, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = ""
        while not self.url:
            line = self.process.stdout.readline()
            assert line, "it ended before it served"
            self.url = next(iter(re.findall(r"http://127\.0\.0\.1:[0-9]+", line)), "")

    def peak(self) -> int:
        """The most memory that it has taken, in MiB."""
        told = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+([0-9]+) kB", told)[0]) // 1024

    def connected(self) -> socket.socket:
        """A connection to it."""
        parts = urllib.parse.urlsplit(self.url)
        return socket.create_connection((str(parts.hostname), int(parts.port or 80)), PATIENCE)

    def ended(self) -> tuple[str, str]:
        """What it printed, after it was told to end."""
        self.process.terminate()
        return self.process.communicate(timeout=PATIENCE)


def swallows(connection: Connection) -> None:
    """An upstream that reads a body to its end without keeping it, and answers."""
    head = b""
    while b"\r\n\r\n" not in head and (part := connection.sock.recv(4096)):
        head += part
    head, _, rest = head.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: ([0-9]+)", head)
    left = int(length[1]) - len(rest) if length else 10**6
    while left > 0 and (part := connection.sock.recv(65536)):
        left -= len(part)
    connection.server.requests.append(head)
    connection.send(answer(b"{}", status="200 OK" if left == 0 else "400 Bad Request"))


SERVERS = {
    "mock": ["mock", "netapp_ontap"],
    "mock-with-a-fault": ["mock", "netapp_ontap", *FAULT],
    "proxy": ["proxy", "netapp_ontap"],
    "proxy-with-a-fault": ["proxy", "netapp_ontap", *FAULT],
}


@contextlib.contextmanager
def running(words: list[str], behave: Behaviour = swallows) -> Iterator[Running]:
    """A server of ours; a proxy has one behind it."""
    with RawServer(behave) as upstream:
        found = Running(*words, "--port", "0", *(["--upstream", upstream.url] if words[0] == "proxy" else []))
        try:
            yield found
        finally:
            found.process.kill()
            found.process.communicate()


def head(length: int, *more: str) -> bytes:
    """The head of a start whose body is so long; in chunks where it has no length."""
    framing = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
    lines = [f"POST {POST} HTTP/1.1", "Host: x", "Content-Type: application/json", framing, *more]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize(("words", "status"), [*zip(SERVERS.values(), (413, 413, 200, 413), strict=True)], ids=SERVERS)
def test_a_large_body(words: list[str], status: int) -> None:
    """A server that keeps a body bounds it: 413; the proxy passes it on, and keeps no more than it judges."""
    with running(words) as server, server.connected() as client:
        before = server.peak()
        client.sendall(head(LARGE, "Connection: close"))
        for _ in range(LARGE // 2**20):
            client.sendall(b" " * 2**20)
        answered = to_the_end(client)
        grown = server.peak() - before
        out, err = server.ended()
    assert answered.startswith(f"HTTP/1.1 {status} ".encode())
    assert grown < GROWN
    assert "Traceback" not in out + err


@pytest.mark.parametrize("words", [SERVERS["mock"], SERVERS["mock-with-a-fault"]], ids=["mock", "with-a-fault"])
def test_the_bound(words: list[str]) -> None:
    """A body of as many bytes as are taken is read, and one more is too many."""
    with running(words) as server:
        found = []
        for length in (MOST, MOST + 1):
            with server.connected() as client:
                client.sendall(head(length, "Connection: close") + b" " * length)
                found.append(to_the_end(client).split(b" ")[1])
    assert found == [b"400", b"413"]


@pytest.mark.parametrize("words", SERVERS.values(), ids=SERVERS)
def test_a_body_that_breaks_off(words: list[str]) -> None:
    """A client that leaves in the middle of a body costs no line of a log, and the next one is answered."""
    with running(words) as server:
        for sent in (b"", b'{"url": "http', b" " * 100_000):
            with server.connected() as client:
                client.sendall(head(10**6) + sent)
            with server.connected() as client:
                client.sendall(head(0) + b"5\r\n{")
        with server.connected() as client:
            client.sendall(head(2, "Connection: close") + b"{}")
            answered = to_the_end(client)
        out, err = server.ended()
    assert re.match(rb"HTTP/1\.1 (?:200|400) ", answered)
    assert "Traceback" not in out + err
    assert not err or words[0] == "proxy"


def test_an_endless_body() -> None:
    """A body without an end is answered in the end, and its connection closed."""
    with running(SERVERS["mock"]) as server, server.connected() as client:
        client.sendall(head(10**15))
        with contextlib.suppress(ConnectionError):
            for _ in range(10**6):
                client.sendall(b" " * 2**16)
        out, err = server.ended()
    assert "Traceback" not in out + err


def test_a_client_that_leaves_an_answer(tmp_path: pathlib.Path) -> None:
    """A client that leaves in the middle of an answer through the proxy is told as such, once."""
    report = tmp_path / "report.json"

    def begins(connection: Connection) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        connection.wait()

    with running([*SERVERS["proxy"], "--report", f"json={report}"], begins) as server:
        with server.connected() as client:
            client.sendall(f"GET {POST} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            read = b""
            while b"{" not in read:
                read += client.recv(100)
        out, err = server.ended()
    assert "Traceback" not in out + err
    assert json.loads(report.read_text())["vendors"]["netapp_ontap"]["troubles"] == {"the client went away": 1}
