"""The adapter for requests that judges what goes through it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from pollspec.doors.clients.listening import Listening
from pollspec.doors.clients.recorder import Recorder
from pollspec.doors.recording import Kept


class JudgingAdapter(HTTPAdapter):
    """An adapter for requests that lets everything through another one (a plain one), and records it in `seen`."""

    def __init__(self, seen: Recorder, wrapped: BaseAdapter | None = None, **options: Any) -> None:
        self.seen, self.wrapped = seen, wrapped
        super().__init__(**options)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """One request of a session."""
        body, sent = request.body or b"", None
        if isinstance(body, str | bytes):
            sent = Kept()
            sent.add(body.encode() if isinstance(body, str) else body)
        headers = tuple((name, _text(value)) for name, value in request.headers.items())
        listening = Listening(self.seen, request.method or "", request.url or "", headers, sent)
        try:
            send = self.wrapped.send if self.wrapped else super().send
            response = send(request, *args, **options)
        except requests.RequestException as error:
            listening.lost(error)
            raise
        response.raw = _Raw(response.raw, listening, response)
        return response

    def close(self) -> None:
        """Close the adapter, and the one underneath."""
        super().close()
        if self.wrapped is not None:
            self.wrapped.close()


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _Raw:
    """urllib3's response as requests reads it, listened to; everything else is the response's own."""

    def __init__(self, raw: Any, listening: Listening, response: requests.Response) -> None:
        self._raw, self._listening, self._status = raw, listening, response.status_code
        headers = getattr(raw, "headers", None) or response.headers
        pairs = headers.iteritems() if hasattr(headers, "iteritems") else headers.items()
        self._headers = tuple((str(name), str(value)) for name, value in pairs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._raw)

    def stream(self, amt: int = 2**16, decode_content: bool | None = None) -> Iterator[bytes]:
        """The body in parts."""
        try:
            for part in self._raw.stream(amt, decode_content=decode_content):
                self._listening.received.add(part)
                yield part
        except Exception as error:
            self._broke(error)
            raise
        self._whole(decode_content)

    def read(self, amt: int | None = None, decode_content: bool | None = None, **options: Any) -> bytes:
        """Some of the body, or the rest of it."""
        try:
            part: bytes = self._raw.read(amt, decode_content=decode_content, **options)
        except Exception as error:
            self._broke(error)
            raise
        self._listening.received.add(part)
        if amt is None or (amt and not part):
            self._whole(decode_content)
        return part

    def close(self) -> None:
        """Close the response; before its end it is unread."""
        self._raw.close()
        self._listening.unread()

    def release_conn(self) -> None:
        """Give the connection back; before its end the response is unread."""
        self._raw.release_conn()
        self._listening.unread()

    def _whole(self, inflated: bool | None) -> None:
        self._listening.whole(self._status, self._headers, bool(inflated))

    def _broke(self, error: Exception) -> None:
        if isinstance(error, urllib3.exceptions.DecodeError):
            self._listening.flawed(self._status, self._headers, "a body whose content coding is broken")
        else:
            self._listening.lost(error)
