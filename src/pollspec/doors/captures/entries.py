"""One entry of an archive: whose it is, and what passed.

An entry is read further only once it is known to be a vendor's. What an archive lacks (a body, a value that was taken
out of it) is never taken for what was sent.
"""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable

from msgspec import Raw

from pollspec.document.messages import Answer, Headers, Missing, header, read
from pollspec.doors.captures import har
from pollspec.doors.captures.har import Unreadable
from pollspec.doors.recording import Passage
from pollspec.trial.wire.codings import read_by
from pollspec.trial.wire.limits import Limits

UNTIMED = 60.0
"""Seconds that an answer without a time may have taken: nothing is held to have come after it."""
USUALLY_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
WITHOUT_BODY = frozenset({204, 205, 304})
SHOWS_CREDENTIALS = frozenset({"authorization", "cookie", "set-cookie"})
"""Headers that browsers leave out unless they are told otherwise; where one is there, none was left out."""
LIMITS = Limits()

_head, _whole = har.decoder(har.Head), har.decoder(har.Whole)


class Entry:
    """One entry. `number`: its place in the order of time, from 0; `complete`: the archive leaves no credential out."""

    __slots__ = ("_data", "_fail", "complete", "from_cache", "method", "number", "url")

    def __init__(
        self, data: Raw | bytes | memoryview, number: int, complete: bool, fail: Callable[[str], None]
    ) -> None:
        """Read the request line; Unreadable where there is none. `fail` is told why the rest cannot be read."""
        head = _head(data)
        self.method, self.url = head.request.method, head.request.url
        self.number, self.complete, self._data, self._fail = number, complete, data, fail
        self.from_cache = bool(head.from_cache) or str(head.fetched).endswith("Cache")
        if not self.url.isascii() or "[" in self.url or "]" in self.url:
            _port(self.url)

    def passage(self) -> Passage | None:
        """The entry, read; None where it cannot be, which the archive counts."""
        try:
            return self._passage(_whole(self._data))
        except Unreadable as error:
            self._fail(str(error))
            return None

    def _passage(self, entry: har.Whole) -> Passage:
        _port(self.url)
        start, cut = har.instant(entry.started)
        headers, response = _headers(entry.request.headers), entry.response or har.Response()
        content = _sent(entry.request, headers)
        answer, trouble = _answer(entry, response)
        if content is None:
            answer, content, trouble = None, b"", "the capture lacks the request's body"
        status = _status(response)
        unseen = answer is None and status is not None and status != 429 and status < 500
        complete = self.url.startswith("http://") and (self.complete or shows_credentials(entry))
        end = start + _duration(entry) + cut
        return Passage(self.method, self.url, headers, content, answer, start, end, trouble, unseen, complete)


def shows_credentials(entry: har.Whole | har.Shown) -> bool:
    """Whether an entry shows headers that are left out where any are."""
    sides = [side.headers for side in (entry.request, entry.response) if side and side.headers]
    return any(one.name.lower() in SHOWS_CREDENTIALS for headers in sides for one in headers)


def _port(url: str) -> None:
    """Unreadable where a URL is none."""
    try:
        _ = urllib.parse.urlsplit(url).port
    except ValueError:
        raise Unreadable("request.url is no URL") from None


def _headers(listed: list[har.Pair] | None) -> Headers:
    """The headers, without the pseudo headers of HTTP/2; a browser puts several values into one, line by line."""
    pairs = [(one.name, str(one.value)) for one in listed or () if one.value is not None and one.name[:1] != ":"]
    for _, value in pairs:
        if "\n" in value:
            return tuple((name, line) for name, value in pairs for line in value.split("\n"))
    return tuple(pairs)


def _duration(entry: har.Whole) -> float:
    """Seconds that it took; UNTIMED where nothing tells."""
    if entry.time is not None and 0 <= entry.time < 1e12:
        return entry.time / 1000
    parts = entry.timings.values() if isinstance(entry.timings, dict) else ()
    known = [part for part in parts if type(part) in {int, float} and 0 <= part < 1e12]
    return sum(known) / 1000 if known else UNTIMED


def _sent(request: har.Request, headers: Headers) -> bytes | None:
    """The request's body; None where the archive lacks it."""
    post = request.post
    if post is not None and post.text:
        return _unwritten(post.text, post)
    if post is not None and post.params:
        pairs = [(one.name, "" if one.value is None else str(one.value)) for one in post.params]
        return urllib.parse.urlencode(pairs).encode()
    if request.size == 0:
        return b""
    length = header(headers, "content-length")
    more = request.size is not None and request.size > 0
    usually = request.method.upper() in USUALLY_WITH_BODY
    empty = length == "0" or (not usually and not more and isinstance(length, Missing))
    return b"" if empty else None


def _unwritten(text: str, post: har.PostData) -> bytes:
    """A request's body as it was sent; some writers put base64 there without saying so."""
    raw = text.encode()
    if str(post.encoding).lower() == "base64":
        return _from_base64(text)
    if "json" in str(post.media) and read(raw).unreadable:
        try:
            plain = base64.b64decode(text, validate=True)
        except ValueError:
            return raw
        return raw if read(plain).unreadable else plain
    return raw


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise Unreadable("a body is marked as base64 and is none") from None


def _status(response: har.Response) -> int | None:
    """The status; None where there was no answer (browsers write 0)."""
    status = response.status
    return status if status is not None and 100 <= status <= 999 else None


def _answer(entry: har.Whole, response: har.Response) -> tuple[Answer | None, str]:
    """The answer, or None and why there is none."""
    status = _status(response)
    if status is None:
        return None, str(response.error or entry.error or "no answer")[:200]
    headers = _headers(response.headers)
    if response.redirect and isinstance(header(headers, "location"), Missing):
        headers = (*headers, ("Location", response.redirect))
    content = _received(entry.request.method, status, headers, response)
    if content is None:
        return None, "the capture lacks the answer's body"
    if content.isascii() or not _is_packed(headers, content):
        return Answer(status, headers, content), ""
    return read_by(status, headers, content, LIMITS, _headers(entry.request.headers))


def _received(method: str, status: int, headers: Headers, response: har.Response) -> bytes | None:
    """The answer's body; None where the archive lacks it, or a part of it."""
    content = response.content or har.Content()
    if method.upper() == "HEAD" or status in WITHOUT_BODY or header(headers, "content-length") == "0":
        return b""
    if content.text is None or (content.comment and "truncated" in str(content.comment).lower()):
        return b"" if 300 <= status < 400 else None
    if not content.text and ((content.size or 0) > 0 or (response.size or 0) > 0):
        return None
    if content.encoding is not None and content.encoding.lower() == "base64":
        return _from_base64(content.text)
    return content.text.encode()


def _is_packed(headers: Headers, content: bytes) -> bool:
    """Whether a content coding was not undone, as HAR wants it to be: one is named, and the bytes are no text."""
    if isinstance(header(headers, "content-encoding"), Missing):
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False
