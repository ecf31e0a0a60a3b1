"""The transport for httpx that judges what goes through it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

from pollspec.document.messages import Headers
from pollspec.doors.clients.listening import Listening
from pollspec.doors.clients.recorder import Recorder
from pollspec.doors.recording import Kept


class _Tap(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A stream of httpx that tells of each part, of its end, of an error, and of being closed before its end."""

    def __init__(
        self,
        stream: Any,
        part: Callable[[bytes], None],
        end: Callable[[], None] = lambda: None,
        lost: Callable[[Exception], None] = lambda error: None,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        self.stream, self.part, self.end, self.lost, self.closed = stream, part, end, lost, closed

    def __iter__(self) -> Iterator[bytes]:
        with self._read():
            for part in self.stream:
                self.part(part)
                yield part

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._read():
            async for part in self.stream:
                self.part(part)
                yield part

    @contextlib.contextmanager
    def _read(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.lost(error)
            raise
        self.end()

    def close(self) -> None:
        """Close the stream; before its end it is unread."""
        self.stream.close()
        self.closed()

    async def aclose(self) -> None:
        """Close the stream; before its end it is unread."""
        await self.stream.aclose()
        self.closed()


class JudgingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for httpx that lets everything through another one (a plain one), and records it in `seen`."""

    def __init__(self, seen: Recorder, wrapped: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None) -> None:
        self.seen, self.wrapped = seen, wrapped

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request of a synchronous client."""
        self.wrapped = self.wrapped or httpx.HTTPTransport()
        assert isinstance(self.wrapped, httpx.BaseTransport)
        listening = self._listening(request)
        try:
            return _heard(self.wrapped.handle_request(request), listening)
        except httpx.TransportError as error:
            listening.lost(error)
            raise

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request of an asynchronous client."""
        self.wrapped = self.wrapped or httpx.AsyncHTTPTransport()
        assert isinstance(self.wrapped, httpx.AsyncBaseTransport)
        listening = self._listening(request)
        try:
            return _heard(await self.wrapped.handle_async_request(request), listening)
        except httpx.TransportError as error:
            listening.lost(error)
            raise

    def _listening(self, request: httpx.Request) -> Listening:
        sent = Kept()
        if isinstance(request.stream, httpx.ByteStream):
            sent.add(b"".join(request.stream))
        else:
            request.stream = _Tap(request.stream, sent.add)
        return Listening(self.seen, request.method, str(request.url), _texts(request.headers), sent)

    def close(self) -> None:
        """Close the transport underneath."""
        if isinstance(self.wrapped, httpx.BaseTransport):
            self.wrapped.close()

    async def aclose(self) -> None:
        """Close the transport underneath."""
        if isinstance(self.wrapped, httpx.AsyncBaseTransport):
            await self.wrapped.aclose()


def _heard(response: httpx.Response, listening: Listening) -> httpx.Response:
    """The response, listened to; one that was made with its content is whole already."""
    status, headers = response.status_code, _texts(response.headers)
    if response.is_closed and isinstance(response.stream, httpx.ByteStream):
        listening.received.add(b"".join(response.stream))
        listening.whole(status, headers)
    else:
        response.stream = _Tap(
            response.stream,
            listening.received.add,
            lambda: listening.whole(status, headers),
            listening.lost,
            lambda: listening.closed(status, headers),
        )
    return response


def _texts(headers: httpx.Headers) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)
