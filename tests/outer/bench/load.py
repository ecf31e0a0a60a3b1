"""Load on a server on loopback: some connections, each asking the same again as soon as it is answered."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pollspec.document.messages import Request

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
ANSWERED, SECONDS, PATIENCE = 4000, 6.0, 5.0
"""Requests and seconds after which a load ends, whichever comes first; seconds without an answer that end it."""


@dataclass
class Load:
    """What became of a load. `took`: seconds of each answer, in order; `wall`, `processor`: seconds of the whole."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wall: float = 0.0
    processor: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.wall

    @property
    def said(self) -> str:
        """The statuses, in words."""
        return ", ".join(f"{status}: {number:,}" for status, number in sorted(self.statuses.items()))


class Connection:
    """One connection; `begun`: when the request that is under way left."""

    def __init__(self, address: tuple[str, int], content: bytes) -> None:
        self.content, self.read, self.begun = content, b"", 0.0
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Send the request."""
        self.read, self.begun = b"", time.perf_counter()
        self.socket.sendall(self.content)

    def answered(self) -> int:
        """Read what there is; the status once the answer is whole, 0 before. ConnectionError where it ended."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server has closed a connection")
        self.read += part
        return int(self.read[9:12]) if self._is_whole() else 0

    def _is_whole(self) -> bool:
        head, parted, body = self.read.partition(b"\r\n\r\n")
        if not parted:
            return False
        length = LENGTH.search(head)
        return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


def load(url: str, request: Request, connections: int, most: int = ANSWERED, seconds: float = SECONDS) -> Load:
    """Ask a server again and again, bounded in number and time. `request`: its target with all that is before it.

    A request and seconds of the server's own warming up are not counted.
    """
    parts = urlsplit(url)
    assert parts.hostname == "127.0.0.1" and parts.port
    opened = [Connection((parts.hostname, parts.port), written(request, parts.netloc)) for _ in range(connections)]
    try:
        _drive(opened, connections * 20, 1.0)
        processor, made = time.process_time(), _drive(opened, most, seconds)
        made.processor = time.process_time() - processor
        return made
    finally:
        for one in opened:
            one.socket.close()


def _drive(opened: Sequence[Connection], most: int, seconds: float) -> Load:
    """The load itself; every connection's last answer is waited for."""
    made, begun, waiting = Load(), time.perf_counter(), len(opened)
    with selectors.DefaultSelector() as selector:
        for one in opened:
            selector.register(one.socket, selectors.EVENT_READ, one)
            one.ask()
        while waiting and (ready := selector.select(PATIENCE)):
            for key, _ in ready:
                one = key.data
                if not (status := one.answered()):
                    continue
                now = time.perf_counter()
                made.took.append(now - one.begun)
                made.statuses[status] += 1
                if len(made.took) + waiting <= most and now - begun < seconds:
                    one.ask()
                else:
                    waiting -= 1
    made.wall = time.perf_counter() - begun
    return made


def written(request: Request, host: str) -> bytes:
    """A request as it goes over the wire."""
    headers = [("Host", host), *request.headers]
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode() + request.content
