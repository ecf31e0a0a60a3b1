"""A validating reverse proxy: an ASGI application that passes everything on, and records what it understands.

Bytes go through as they come, both ways. Only what RFC 9110 (7.6.1) has for one connection is left out, and Host says
the upstream's; header names pass in lower case, as ASGI has them. What is kept for judging is kept beside the way:
it is limited, the traffic is not. What may not pass is answered here, and not judged.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import httpx

from pollspec.document.messages import Headers
from pollspec.doors.proxy.gatekeeper import Gatekeeper, Refusal
from pollspec.doors.proxy.hops import Raw, Send, Stream, passed_on, reason, say, texts
from pollspec.doors.recording import SIZE, Kept, Passage, Place, Recording
from pollspec.trial.wire.codings import read_by
from pollspec.trial.wire.limits import Limits

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]

IDLE = 2.0
"""Seconds that an idle connection to the upstream is kept: fewer than servers keep theirs."""
CONNECTING = 30.0
"""Seconds that connecting to the upstream may take; how long it answers is the client's affair."""


class ClientGone(Exception):
    """The client closed its connection before everything had passed."""


class Proxy:
    """Passes requests on to `upstream`, a base URL whose path stands before every request's, and tells `recording`.

    Requests for another host are refused (421), and so are those that a server could read in two ways (400). It names
    itself in Via (RFC 9110, 7.6.3), by which it knows a request that it has passed on already.
    """

    def __init__(
        self,
        recording: Recording,
        upstream: str,
        transport: httpx.AsyncBaseTransport | None = None,
        size: int = SIZE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urllib.parse.urlsplit(upstream)
        self.recording, self.size, self.clock = recording, size, clock
        self.origin, self.host = f"{parts.scheme}://{parts.netloc}", parts.netloc
        self.prefix = parts.path.rstrip("/").encode("latin-1")
        self.gatekeeper = Gatekeeper(upstream)
        self.transport = transport or direct()
        self.complete = True

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass one HTTP request on, and its answer back; or answer that it may not pass."""
        if scope["type"] != "http":
            return
        try:
            target = self.gatekeeper.target(scope)
        except Refusal as refusal:
            self.recording.passed_by()
            await say(send, refusal.status, refusal.why, [(b"connection", b"close"), self.gatekeeper.via])
        else:
            await _Passing(self, scope, target, receive, send).run()

    async def close(self) -> None:
        """Close the connections to the upstream."""
        await self.transport.aclose()


def direct(verify: ssl.SSLContext | bool = True) -> httpx.AsyncBaseTransport:
    """Straight to the upstream, on as many connections as the clients need."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=IDLE)
    return httpx.AsyncHTTPTransport(verify=verify, trust_env=False, limits=limits)


class _Passing:
    """One request on its way, and its answer on the way back."""

    def __init__(self, proxy: Proxy, scope: Message, target: bytes, receive: Receive, send: Send) -> None:
        self.proxy, self.scope, self.receive, self.send = proxy, scope, receive, send
        self.target = target if target == b"*" else proxy.prefix + target
        self.url = proxy.origin + self.target.decode("latin-1")
        self.headers: Raw = list(scope["headers"])
        self.has_body = any(name in {b"content-length", b"transfer-encoding"} for name, _ in self.headers)
        self.place: Place | None = proxy.recording.locate(scope["method"], self.url)
        self.sent, self.received = (Kept(proxy.size if self.place is not None else 0) for _ in range(2))
        self.sending_ended = asyncio.Event()
        self.status: int | None = None
        self.answered: Headers = ()
        self.trouble, self.done = "", False
        self.start = self.end = proxy.clock()
        if self.place is not None:
            proxy.recording.begin(self.start)

    async def run(self) -> None:
        """Relay until the answer is through or the client is gone; then record."""
        relay = asyncio.ensure_future(self._relay())
        watch = asyncio.ensure_future(self._client_left())
        try:
            await asyncio.wait({relay, watch}, return_when=asyncio.FIRST_COMPLETED)
            if not relay.done() and not self.done:
                self.trouble = "the client went away"
                relay.cancel()
            await asyncio.wait({relay})
        finally:
            relay.cancel()
            watch.cancel()
            self._record()

    async def _client_left(self) -> None:
        """Ends when the client closes its connection; never where nobody tells."""
        if self.has_body:
            await self.sending_ended.wait()
        else:
            await self.receive()  # a request without a body is told with an empty one
        if (await self.receive())["type"] != "http.disconnect":
            await asyncio.Event().wait()

    async def _relay(self) -> None:
        try:
            response = await self._ask()
        except ClientGone:
            self.trouble = "the client went away"
        except (httpx.HTTPError, OSError) as error:
            await self._no_upstream(reason(error))
        else:
            with contextlib.suppress(httpx.HTTPError):
                try:
                    await self._answer(response)
                except (httpx.HTTPError, OSError) as error:
                    self.trouble = reason(error)
                finally:
                    await response.aclose()

    async def _ask(self) -> httpx.Response:
        """The upstream's answer, as far as its headers. A safe request is sent again where the connection was dead."""
        try:
            return await self._sent()
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if self.has_body or self.scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
                raise
            return await self._sent()

    async def _sent(self) -> httpx.Response:
        host = self.proxy.host.encode("latin-1")
        headers = [(name, host if name == b"host" else value) for name, value in passed_on(self.headers)]
        if not any(name == b"host" for name, _ in headers):
            headers.insert(0, (b"host", host))
        if any(name == b"transfer-encoding" for name, _ in self.headers):
            headers.append((b"transfer-encoding", b"chunked"))
        headers.append(self.proxy.gatekeeper.via)
        request = httpx.Request(
            self.scope["method"],
            self.proxy.origin,
            headers=headers,
            stream=Stream(self._body()) if self.has_body else httpx.ByteStream(b""),
            extensions={"target": self.target, "timeout": {"connect": CONNECTING}},
        )
        response = await self.proxy.transport.handle_async_request(request)
        if response.status_code < 200:
            await response.aclose()
            raise httpx.RemoteProtocolError("an interim answer, and no other")
        return response

    async def _body(self) -> AsyncIterator[bytes]:
        """The request's body, as it comes from the client."""
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            more = message.get("more_body", False)
            if part := message.get("body", b""):
                self.sent.add(part)
                yield part
        self.sending_ended.set()

    async def _answer(self, response: httpx.Response) -> None:
        """The answer, as it comes from the upstream. If it breaks off there, it breaks off here."""
        headers = passed_on([(name.lower(), value) for name, value in response.headers.raw])
        if response.status_code == 508 and self.proxy.gatekeeper.is_own(headers):
            self.trouble = "the upstream leads back to this proxy"
        self.status = response.status_code
        self.answered = texts(headers)
        passes = self.status < 600  # what is no status (RFC 9110, 15) cannot be sent on, and is judged all the same
        if passes:
            await self.send({"type": "http.response.start", "status": self.status, "headers": headers})
        assert isinstance(response.stream, httpx.AsyncByteStream)
        async for part in response.stream:
            self.received.add(part)
            if passes:
                await self.send({"type": "http.response.body", "body": part, "more_body": True})
        self.end = self.proxy.clock()
        self.done = True
        if passes:
            await self.send({"type": "http.response.body", "body": b""})
        else:
            await say(self.send, 502, f"{self.proxy.origin} answered {self.status}, which is no status of HTTP")

    async def _no_upstream(self, why: str) -> None:
        self.trouble, self.done = why, True
        await say(self.send, 502, f"{self.proxy.origin} gave no answer: {why}")

    def _record(self) -> None:
        """Keep what was seen, for the judge; an answer that did not pass whole is none."""
        if self.place is None:
            self.proxy.recording.passed_by()
            return
        unseen = not (self.sent.whole and self.received.whole)
        trouble = self.trouble or (f"a body of more than {self.proxy.size} bytes" if unseen else "")
        answer = None
        if not trouble and self.status is not None:
            limits, asked = Limits(size=self.proxy.size), texts(self.headers)
            answer, trouble = read_by(self.status, self.answered, self.received.content, limits, asked)
            unseen = answer is None
        seen = Passage(
            method=self.scope["method"],
            url=self.url,
            headers=texts(self.headers),
            content=self.sent.content,
            answer=answer,
            start=self.start,
            end=self.end if answer else self.proxy.clock(),
            trouble=trouble,
            unseen=unseen,
            complete=self.proxy.complete,
        )
        self.proxy.recording.add(seen, self.place)
        self.proxy.recording.end(self.start)
