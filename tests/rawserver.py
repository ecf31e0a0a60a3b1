"""A server on a raw socket of 127.0.0.1, that does with each connection whatever a test wants. It waits on nothing but
an event that ends with the test."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

JSON = "Content-Type: application/json"


class Connection:
    """One accepted connection. `number`: its place among those of the server."""

    def __init__(self, server: RawServer, sock: socket.socket, number: int) -> None:
        self.server, self.sock, self.number = server, sock, number

    def request(self) -> bytes:
        """The next request, whole; empty where there is no other."""
        whole = b""
        while b"\r\n\r\n" not in whole:
            if not (part := self.sock.recv(65536)):
                return b""
            whole += part
        head, _, body = whole.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += self.sock.recv(65536)
        with self.server.lock:
            self.server.requests.append(head + b"\r\n\r\n" + body)
        return head + b"\r\n\r\n" + body

    def send(self, data: bytes) -> None:
        """Send raw bytes."""
        self.sock.sendall(data)

    def reset(self) -> None:
        """Break the connection off (RST)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the test ends, or so long; whether it has ended."""
        return self.server.over.wait(seconds)


Behaviour = Callable[[Connection], None]


class RawServer:
    """Accepts on a free port while it is entered, each connection in a thread of its own.

    `requests`: all that were read whole; `connections`: how many were accepted.
    """

    def __init__(self, behave: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self.behave, self.context = behave, context
        self.over, self.lock = threading.Event(), threading.Lock()
        self.requests: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self.lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a thread of the server did not end with the test"

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                sock, _ = self._listening.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self._open.append(sock)
                thread = threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True)
                self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
                with self.lock:
                    self._open.append(sock)
            self.behave(Connection(self, sock, number))
        with contextlib.suppress(OSError):
            sock.close()


def answer(body: bytes | object, *headers: str, status: str = "200 OK") -> bytes:
    """A proper HTTP/1.1 answer: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", *(headers or (JSON,)), f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + content


def always(data: bytes) -> Behaviour:
    """Answers every request with the same bytes and keeps the connection."""

    def behave(connection: Connection) -> None:
        while connection.request():
            connection.send(data)

    return behave


def routed(routes: Mapping[str, Callable[[bytes], bytes]]) -> Behaviour:
    """Answers by the beginning of the path: what its function makes of the request; 404 for any other."""

    def behave(connection: Connection) -> None:
        while request := connection.request():
            path = request.split(b" ")[1].decode("latin-1")
            made = next((make for prefix, make in routes.items() if path.startswith(prefix)), None)
            connection.send(made(request) if made else answer({"message": "no such path"}, status="404 Not Found"))

    return behave
