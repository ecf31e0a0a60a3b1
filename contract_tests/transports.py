"""How a request reaches its target: over HTTP, or straight into an application in this process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import urllib.parse
import zlib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from .messages import Answer, Headers, Request, header

Application = Callable[[Any, Any, Any], Coroutine[Any, Any, None]]
"""An ASGI application: scope, receive, send."""


class Trouble(Exception):
    """No answer; the text says how it was lost."""


@dataclass(frozen=True)
class Limits:
    """What one answer may take. `timeout`: seconds from request to last byte; `size`: bytes, inflated."""

    timeout: float = 30.0
    size: int = 8 * 2**20
    requests: int = 10_000
    rate: float | None = None


class Transport(Protocol):
    """Sends a request and reads its answer whole; raises Trouble where there is none."""

    def send(self, request: Request) -> Answer: ...

    def close(self) -> None: ...


class Embedded:
    """An ASGI application in this process; `make` gives a fresh one."""

    def __init__(self, make: Callable[[], Application]) -> None:
        self.make = make
        self.application = make()
        self.runner = asyncio.Runner()

    def renew(self) -> None:
        """Begin again with a fresh application."""
        self.application = self.make()

    def close(self) -> None:
        """End the event loop."""
        self.runner.close()

    def send(self, request: Request) -> Answer:
        """Call the application once."""
        path, _, query = request.target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": urllib.parse.unquote(path),
            "raw_path": path.encode("latin-1", "replace"),
            "query_string": query.encode("latin-1", "replace"),
            "root_path": "",
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in request.headers
            ],
            "server": ("embedded", 80),
            "client": ("127.0.0.1", 1),
        }
        messages: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.content, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        try:
            self.runner.run(self.application(scope, receive, send))
        except Exception as error:
            raise Trouble(f"the application failed: {type(error).__name__}") from error
        start = next((message for message in messages if message["type"] == "http.response.start"), None)
        if start is None:
            raise Trouble("the application answered nothing")
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start.get("headers", ()))
        content = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
        return decoded(start["status"], headers, content, Limits())


class Live:
    """A server over HTTP: one connection kept, no redirect followed, everything read within its limits."""

    def __init__(self, url: str, limits: Limits, verify: bool | str = True) -> None:
        self.parts, self.limits, self.verify = urllib.parse.urlsplit(url), limits, verify
        self.connection = self._connection()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _connection(self) -> HTTPConnection:
        host, timeout = self.parts.hostname or "", self.limits.timeout
        if self.parts.scheme == "http":
            return HTTPConnection(host, self.parts.port or 80, timeout=timeout)
        if self.verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            return HTTPSConnection(host, self.parts.port or 443, timeout=timeout, cert_reqs="CERT_NONE")
        bundle = self.verify if isinstance(self.verify, str) else None
        context = ssl.create_default_context(cafile=bundle)
        return HTTPSConnection(host, self.parts.port or 443, timeout=timeout, ssl_context=context)

    def send(self, request: Request) -> Answer:
        """One request; a second try on a fresh connection where the kept one was closed and the method is safe."""
        kept = self.connection.sock is not None
        try:
            return self._exchange(request)
        except (ConnectionError, urllib3.exceptions.ProtocolError) as error:
            self.connection.close()
            if not kept or request.method not in {"GET", "HEAD"}:
                raise Trouble(_reason(error)) from error
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:
            self.connection.close()
            raise Trouble(_reason(error)) from error
        try:
            return self._exchange(request)
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:
            self.connection.close()
            raise Trouble(_reason(error)) from error

    def _exchange(self, request: Request) -> Answer:
        with self._deadline() as expired:
            try:
                self.connection.request(
                    request.method,
                    request.target,
                    body=request.content or None,
                    headers=dict(request.headers),
                    preload_content=False,
                    decode_content=False,
                )
                response = self.connection.getresponse()
                parts, size = [], 0
                for part in response.stream(65536, decode_content=False):
                    parts.append(part)
                    if (size := size + len(part)) > self.limits.size:
                        self.connection.close()
                        raise Trouble(f"an answer of more than {self.limits.size} bytes")
            except Exception as error:
                if expired.is_set():
                    self.connection.close()
                    raise Trouble(f"no whole answer within {self.limits.timeout:g} s") from error
                raise
            headers = tuple(response.headers.iteritems())
            if (header(headers, "connection") or "").lower() == "close":  # type: ignore[union-attr]
                self.connection.close()
            return decoded(response.status, headers, b"".join(parts), self.limits)

    @contextlib.contextmanager
    def _deadline(self) -> Iterator[threading.Event]:
        """Cut the connection when the time for the whole answer is over, however busy it is."""
        expired = threading.Event()

        def cut() -> None:
            expired.set()
            if (sock := self.connection.sock) is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self.limits.timeout, cut)
        timer.daemon = True
        timer.start()
        try:
            yield expired
        finally:
            timer.cancel()


def _reason(error: BaseException) -> str:
    if isinstance(error, Trouble):
        return str(error)
    if isinstance(error, ConnectionRefusedError | urllib3.exceptions.NewConnectionError):
        return "the connection was refused"
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return "the connection timed out"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or 'unknown reason'}"
    if isinstance(error, socket.gaierror | urllib3.exceptions.NameResolutionError):
        return "the host name is unknown"
    return f"the answer broke off ({type(error).__name__})"


def decoded(status: int, headers: Headers, content: bytes, limits: Limits) -> Answer:
    """An answer with its content coding (RFC 9110, 8.4) undone, within the size limit."""
    coding = str(header(headers, "content-encoding") or "").strip().lower()
    if not coding or coding == "identity" or not content:
        return Answer(status, headers, content)
    if coding not in {"gzip", "x-gzip", "deflate"}:
        return Answer(status, headers, content, flaw=f"Content-Encoding {coding[:40]}, which was not asked for")
    try:
        inflater = zlib.decompressobj(47)
        inflated = inflater.decompress(content, limits.size)
    except zlib.error:
        return Answer(status, headers, content, flaw=f"a broken {coding} body")
    if inflater.unconsumed_tail:
        return Answer(status, headers, b"", flaw=f"a {coding} body of more than {limits.size} bytes")
    return Answer(status, headers, inflated, flaw="" if inflater.eof else f"a {coding} body that breaks off")
