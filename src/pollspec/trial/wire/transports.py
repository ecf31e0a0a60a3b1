"""How a request reaches its target: over HTTP, or straight into an application in this process."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
import ssl
import urllib.parse
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from typing import Any, Protocol

import h11

from pollspec.document.messages import Answer, Request
from pollspec.trial.wire.codings import decoded
from pollspec.trial.wire.connections import LONGEST_WAIT, Tls, connected, proxy_for
from pollspec.trial.wire.limits import Deadline, Limits, Trouble

Application = Callable[[Any, Any, Any], Coroutine[Any, Any, None]]
"""An ASGI application: scope, receive, send."""

SAFE = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing, so that a request may be sent twice (RFC 9110, 9.2.1)."""

PROTOCOL = b"HTTP/"
"""How every answer begins (RFC 9112, 4)."""

RECORDS = (b"\x15\x03", b"\x16\x03")
"""How an alert and a handshake of TLS begin (RFC 8446, 5.1), as a server that awaits TLS answers anything else."""

AGENT = f"pollspec/{version('pollspec')}"
"""The User-Agent of every request that brings none."""


class Transport(Protocol):
    """Sends a request and reads its answer whole, within some seconds; raises Trouble where there is none."""

    def send(self, request: Request, seconds: float | None = None) -> Answer: ...

    def send_at_once(self, requests: Sequence[Request], seconds: float | None = None) -> list[Answer | None]:
        """Several requests at the same moment; None for an answer that is lost."""
        ...

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

    def send(self, request: Request, seconds: float | None = None) -> Answer:
        """Call the application once; it is trusted to end."""
        return self.runner.run(self._call(request))

    def send_at_once(self, requests: Sequence[Request], seconds: float | None = None) -> list[Answer | None]:
        """Call it several times before it has answered once."""

        async def call() -> list[Answer | BaseException]:
            return await asyncio.gather(*map(self._call, requests), return_exceptions=True)

        return [answer if isinstance(answer, Answer) else None for answer in self.runner.run(call())]

    async def _call(self, request: Request) -> Answer:
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
            await self.application(scope, receive, send)
        except Exception as error:
            raise Trouble(f"the application failed: {type(error).__name__}") from error
        start = next((message for message in messages if message["type"] == "http.response.start"), None)
        if start is None:
            raise Trouble("the application answered nothing")
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start.get("headers", ()))
        content = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
        return decoded(start["status"], headers, content, Limits(), request.headers)


class Live:
    """A server over HTTP/1.1: one connection kept, no redirect followed, everything read within its limits."""

    HEAD = 2**16
    """Bytes that a status line with its headers, or a chunk's line, may take."""

    INTERIM = 100
    """Interim answers (1xx) before the one that counts."""

    def __init__(self, url: str, limits: Limits, tls: Tls | None = None) -> None:
        self.url, self.limits, self.tls = url, limits, tls
        self.context = (tls or Tls()).context() if url.startswith("https:") else None
        self.proxy = proxy_for(url)
        self._sock: socket.socket | None = None
        self._machine = h11.Connection(h11.CLIENT)
        self._heard = False

    def close(self) -> None:
        """Close the connection."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def send(self, request: Request, seconds: float | None = None) -> Answer:
        """One request; a second try on a fresh connection where the kept one was closed and the method is safe."""
        deadline = Deadline(self.limits.timeout if seconds is None else min(seconds, self.limits.timeout))
        kept = self._is_kept()
        try:
            try:
                return self._exchange(request, deadline)
            except ConnectionError:
                self.close()
                if not kept or self._heard or request.method not in SAFE:
                    raise
                return self._exchange(request, deadline)
        except BaseException as error:
            self.close()
            if isinstance(error, OSError | h11.ProtocolError):
                raise Trouble(_reason(error, deadline)) from error
            raise

    def send_at_once(self, requests: Sequence[Request], seconds: float | None = None) -> list[Answer | None]:
        """Each on a connection of its own; all are sent before an answer is read.

        A connection is closed once its answer is read: a server may have room for no more than one.
        """
        self.close()
        deadline = Deadline(self.limits.timeout if seconds is None else min(seconds, self.limits.timeout))
        asking = [(Live(self.url, self.limits, self.tls), request) for request in requests]
        for beside, request in asking:
            with contextlib.suppress(Trouble, OSError, h11.ProtocolError):
                beside._begin(request, deadline)
        return [beside._end(request, deadline) for beside, request in asking]

    def _begin(self, request: Request, deadline: Deadline) -> None:
        """Send a request on a fresh connection."""
        self._sock = connected(self.url, self.context, self.proxy, deadline)
        self._machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=self.HEAD)
        self._heard = False
        self._ask(self._sock, request, deadline)

    def _end(self, request: Request, deadline: Deadline) -> Answer | None:
        """The answer to what was sent, and the end of its connection; None where it is lost."""
        try:
            return decoded(*self._read(self._sock, deadline), self.limits, request.headers) if self._sock else None
        except (Trouble, OSError, h11.ProtocolError):
            return None
        finally:
            self.close()

    def _is_kept(self) -> bool:
        """Whether a connection is kept, and nothing waits on it: neither its end nor what nobody asked for."""
        if self._sock is None:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ)
            if selector.select(0):
                self.close()
        return self._sock is not None

    def _exchange(self, request: Request, deadline: Deadline) -> Answer:
        if self._sock is None:
            self._begin(request, deadline)
        else:
            self._heard = False
            self._ask(self._sock, request, deadline)
        assert self._sock is not None
        status, headers, content = self._read(self._sock, deadline)
        machine = self._machine
        if machine.our_state is machine.their_state is h11.DONE and machine.trailing_data == (b"", False):
            machine.start_next_cycle()
        else:
            self.close()
        return decoded(status, headers, content, self.limits, request.headers)

    def _ask(self, sock: socket.socket, request: Request, deadline: Deadline) -> None:
        """Send a request; that the server reads none of it is no reason not to read its answer."""
        parts = urllib.parse.urlsplit(self.url)
        through = self.proxy is not None and parts.scheme == "http"
        own = {name.lower() for name, _ in request.headers}
        headers = [("Host", parts.netloc.encode("idna").decode()), ("User-Agent", AGENT)]
        headers = [(name, value) for name, value in headers if name.lower() not in own]
        if through and self.proxy and self.proxy.authorization:
            headers.append(("Proxy-Authorization", self.proxy.authorization))
        if request.content or request.method in {"POST", "PUT", "PATCH"}:
            headers.append(("Content-Length", str(len(request.content))))
        target = f"{parts.scheme}://{parts.netloc}{request.target}" if through else request.target
        asked = h11.Request(method=request.method, target=target, headers=[*headers, *request.headers])
        data = [self._machine.send(asked)]
        data += [self._machine.send(h11.Data(data=request.content))] if request.content else []
        data += [self._machine.send(h11.EndOfMessage())]
        sock.settimeout(min(deadline.left(), LONGEST_WAIT))
        with contextlib.suppress(ConnectionError):
            sock.sendall(b"".join(part for part in data if part))

    def _read(self, sock: socket.socket, deadline: Deadline) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """A whole answer, its codings untouched."""
        interim, start, content = 0, None, bytearray()
        while not isinstance(event := self._machine.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                sock.settimeout(min(deadline.left(), LONGEST_WAIT))
                data = sock.recv(65536)
                if not data and start is None:
                    raise ConnectionResetError
                if not self._heard and not data.startswith(PROTOCOL[: len(data)]):
                    instead = ", but as TLS does" if data.startswith(RECORDS) else ""
                    raise Trouble(f"no HTTP/1.1 answer: it does not begin with HTTP/{instead}")
                self._heard = True
                self._machine.receive_data(data)
            elif isinstance(event, h11.InformationalResponse):
                if (interim := interim + 1) > self.INTERIM:
                    raise Trouble(f"more than {self.INTERIM} interim answers (1xx) and no other")
            elif isinstance(event, h11.Response):
                start = event
            elif isinstance(event, h11.Data):
                content += event.data
                if len(content) > self.limits.size:
                    raise Trouble(f"an answer of more than {self.limits.size} bytes")
            else:
                raise ConnectionResetError
        assert start is not None
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start.headers)
        return start.status_code, headers, bytes(content)


def _reason(error: OSError | h11.ProtocolError, deadline: Deadline) -> str:
    """How an answer was lost, in our own words."""
    match error:
        case TimeoutError():
            return f"no whole answer within {deadline.seconds:g} s"
        case ConnectionRefusedError():
            return "the connection was refused"
        case ConnectionError():
            return "the connection was closed before an answer was whole"
        case ssl.SSLCertVerificationError():
            return f"TLS: the certificate is not trusted ({error.verify_message})"
        case ssl.SSLError():
            return f"TLS failed ({error.reason or 'broken off'})"
        case socket.gaierror():
            return "the host name is unknown"
        case h11.LocalProtocolError():
            return "the request cannot be written as HTTP/1.1"
        case h11.RemoteProtocolError() if "peer closed connection" in str(error):
            return "the connection was closed before an answer was whole"
        case h11.RemoteProtocolError() if "status_code should be" in str(error):
            return "no proper HTTP/1.1 answer (a status that is none)"
        case h11.RemoteProtocolError():
            return f"no proper HTTP/1.1 answer ({str(error).split(':')[0]})"
    return f"the network failed ({getattr(error, 'strerror', None) or type(error).__name__})"
