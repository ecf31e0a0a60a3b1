"""Recorded traffic: HAR 1.2, as browsers, mitmproxy and schemathesis write it.

An entry is read further only once it is known to be a vendor's. What a capture lacks (a body, a value that was taken
out of it) is never taken for what was sent.
"""

from __future__ import annotations

import base64
import binascii
import json
import pathlib
import re
import sys
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..errors import CaptureError
from ..messages import Answer, Headers, Missing, header, read
from ..wire.codings import decoded
from ..wire.limits import Limits
from .recording import Passage

HINT = "expected HAR 1.2, as a browser's network panel or a recording proxy exports it"
UNTIMED = 60.0
"""Seconds that an answer without a time may have taken: nothing is held to have come after it."""
SHOWS_CREDENTIALS = frozenset({"authorization", "cookie", "set-cookie"})
"""Headers that browsers leave out unless they are told otherwise; where one is there, none was left out."""
LEAVE_OUT_NOTHING = frozenset({"mitmproxy", "harfile"})
"""Writers that at most replace a value."""


@dataclass(frozen=True)
class Entry:
    """One entry of a capture. `number` counts from 0.

    `told`: the capture leaves no credential out; `precision`: seconds by which its times may have been cut.
    """

    capture: str
    number: int
    data: Mapping[str, Any]
    told: bool
    precision: float

    @property
    def method(self) -> str:
        """The request's method."""
        return self._text(self._part("request"), "method")

    @property
    def url(self) -> str:
        """The request's URL."""
        return self._text(self._part("request"), "url")

    @property
    def from_cache(self) -> bool:
        """Whether a browser answered it from its own cache, so that it says nothing of a server."""
        return bool(self.data.get("_fromCache")) or str(self.data.get("_fetchType")).endswith("Cache")

    def passage(self) -> Passage:
        """The entry, read."""
        request, response = self._part("request"), self.data.get("response") or {}
        start, end = self._times()
        headers, content = self._headers(request), self._sent(request)
        answer, trouble = self._answer(response)
        if content is None:
            answer, content, trouble = None, b"", "the capture lacks the request's body"
        status = _status(response)
        unseen = answer is None and status is not None and status != 429 and status < 500
        told = self.told and self.url.startswith("http://")
        return Passage(self.method, self.url, headers, content, answer, start, end, trouble, unseen, told)

    def wrong(self, what: str) -> CaptureError:
        """An error that names the entry."""
        return CaptureError(f"{self.capture}: entry {self.number + 1}: {what}", HINT)

    def _part(self, name: str) -> Mapping[str, Any]:
        part = self.data.get(name)
        if not isinstance(part, dict):
            raise self.wrong(f"{name} is {_shown(part)}, expected an object")
        return part

    def _text(self, part: Mapping[str, Any], name: str) -> str:
        value = part.get(name)
        if not isinstance(value, str) or not value:
            raise self.wrong(f"{name} is {_shown(value)}, expected a text")
        return value

    def _headers(self, part: Mapping[str, Any]) -> Headers:
        """The headers, without the pseudo headers of HTTP/2; a browser puts several values into one, line by line."""
        listed = part.get("headers") or []
        try:
            pairs = [(str(one["name"]), str(one["value"])) for one in listed if one.get("value") is not None]
        except (TypeError, KeyError, AttributeError):
            raise self.wrong("headers are no list of names and values") from None
        return tuple((name, line) for name, value in pairs if name[:1] != ":" for line in value.split("\n"))

    def _times(self) -> tuple[float, float]:
        """Start and end in seconds; the end is late by as much as the start may have been cut off."""
        text = self._text(self.data, "startedDateTime")
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise self.wrong(f"startedDateTime is {text!r}, expected an ISO 8601 date-time") from None
        start = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return start, start + self._duration() + self.precision

    def _duration(self) -> float:
        timings = self.data.get("timings")
        parts = [_milliseconds(value) for value in (timings if isinstance(timings, dict) else {}).values()]
        known = [part for part in parts if part is not None]
        whole = _milliseconds(self.data.get("time"))
        return UNTIMED if whole is None and not known else (sum(known) if whole is None else whole) / 1000

    def _sent(self, request: Mapping[str, Any]) -> bytes | None:
        """The request's body; None where the capture lacks it."""
        data = request.get("postData")
        if isinstance(data, dict) and isinstance(data.get("text"), str) and data["text"]:
            return self._unwritten(data["text"], data.get("encoding"), str(data.get("mimeType")))
        if isinstance(data, dict) and data.get("params"):
            pairs = [(str(one.get("name")), str(one.get("value", ""))) for one in data["params"]]
            return urllib.parse.urlencode(pairs).encode()
        length, size = header(self._headers(request), "content-length"), request.get("bodySize")
        usually = self.method.upper() in {"POST", "PUT", "PATCH"}
        empty = size == 0 or length == "0" or (not usually and not _is_more(size) and isinstance(length, Missing))
        return b"" if empty else None

    def _unwritten(self, text: str, encoding: object, media: str) -> bytes:
        """A request's body as it was sent; some writers put base64 there without saying so."""
        raw = text.encode("utf-8", "surrogatepass")
        if str(encoding).lower() == "base64":
            return self._from_base64(text)
        if "json" in media and read(raw).unreadable:
            try:
                plain = base64.b64decode(text, validate=True)
            except binascii.Error:
                return raw
            return raw if read(plain).unreadable else plain
        return raw

    def _from_base64(self, text: str) -> bytes:
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise self.wrong("a body is marked as base64 and is none") from None

    def _answer(self, response: Mapping[str, Any]) -> tuple[Answer | None, str]:
        """The answer, or None and why there is none."""
        status = _status(response)
        if status is None:
            return None, str(response.get("_error") or self.data.get("_error") or "no answer")[:200]
        headers = self._headers(response)
        target = response.get("redirectURL")
        if isinstance(target, str) and target and isinstance(header(headers, "location"), Missing):
            headers = (*headers, ("Location", target))
        content = self._received(status, headers, response)
        if content is None:
            return None, "the capture lacks the answer's body"
        if content.startswith(b"\x1f\x8b"):
            return decoded(status, headers, content, Limits()), ""
        return Answer(status, headers, content), ""

    def _received(self, status: int, headers: Headers, response: Mapping[str, Any]) -> bytes | None:
        """The answer's body, its content coding undone; None where the capture lacks it, or a part of it."""
        content = response.get("content")
        content = content if isinstance(content, dict) else {}
        if self.method.upper() == "HEAD" or status in {204, 205, 304} or header(headers, "content-length") == "0":
            return b""
        text, said = content.get("text"), str(content.get("comment") or "")
        if not isinstance(text, str) or "truncated" in said.lower():
            return b"" if 300 <= status < 400 else None
        if not text and (_is_more(content.get("size")) or _is_more(response.get("bodySize"))):
            return None
        if str(content.get("encoding") or "").lower() == "base64":
            return self._from_base64(text)
        return text.encode("utf-8", "surrogatepass")


def entries(path: str) -> Iterator[Entry]:
    """The entries of a capture (`-`: standard input) that a server answered, or should have."""
    log = _log(path)
    listed = [data if isinstance(data, dict) else {} for data in log["entries"]]
    writer = log.get("creator")
    told = isinstance(writer, dict) and str(writer.get("name")).lower() in LEAVE_OUT_NOTHING
    told = told or any(_name(one) in SHOWS_CREDENTIALS for data in listed for one in _all_headers(data))
    precision = 10.0 ** -max((_digits(data.get("startedDateTime")) for data in listed), default=0)
    for number, data in enumerate(listed):
        entry = Entry(path, number, data, told, precision)
        if not entry.from_cache:
            yield entry


def _digits(moment: object) -> int:
    """How many digits of a second a time has, of which six are read."""
    fraction = re.search(r"[.,](\d+)", str(moment))
    return min(len(fraction[1]), 6) if fraction else 0


def _log(path: str) -> dict[str, Any]:
    try:
        raw = sys.stdin.buffer.read() if path == "-" else pathlib.Path(path).read_bytes()
    except OSError as error:
        raise CaptureError(
            f"{path} cannot be read: {error.strerror}", "give a HAR file, or - for standard input"
        ) from None
    try:
        content = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CaptureError(f"{path} is no HAR: invalid UTF-8 at byte {error.start}", HINT) from None
    except (ValueError, RecursionError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise CaptureError(f"{path} is no HAR: no JSON: {said}", HINT) from None
    log = content.get("log") if isinstance(content, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise CaptureError(f"{path} is no HAR: log.entries is missing", HINT)
    return log


def _all_headers(data: Mapping[str, Any]) -> Iterator[Any]:
    for side in ("request", "response"):
        part = data.get(side)
        listed = part.get("headers") if isinstance(part, dict) else None
        yield from listed if isinstance(listed, list) else []


def _name(one: Any) -> str:
    return str(one.get("name")).lower() if isinstance(one, dict) else ""


def _status(response: Mapping[str, Any]) -> int | None:
    """The status; None where there was no answer (browsers write 0)."""
    status = response.get("status")
    return status if isinstance(status, int) and 100 <= status <= 599 else None


def _milliseconds(value: object) -> float | None:
    """A time; -1 says that it does not apply."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12 else None


def _is_more(value: object) -> bool:
    return isinstance(value, int | float) and value > 0


def _shown(value: object) -> str:
    text = "missing" if value is None else json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
