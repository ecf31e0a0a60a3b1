"""Content codings (RFC 9110, 8.4) undone: within the size limit, whatever a few bytes inflate to."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from typing import Protocol

import brotli

from pollspec.document.messages import Answer, Headers, Missing, header
from pollspec.trial.wire.limits import Limits, Trouble

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST = 4
"""Codings on top of one another."""

MEMBERS = 100
"""Members of one gzip body, or frames of one zstd body."""

WINDOW = 23
"""The largest window of a zstd frame, as a power of two: 8 MiB (RFC 9659, 3)."""

NO_WEIGHT = re.compile(r"q\s*=\s*0(?:\.0{0,3})?", re.IGNORECASE)
"""The weight of what is not acceptable (RFC 9110, 12.4.2)."""

CODING = re.compile(r"[a-z0-9._+-]{1,30}")
"""The name of a coding that is fit to be told."""


class Broken(Exception):
    """Content that is not what its coding says."""


class Inflater(Protocol):
    """Undoes one coding of one member, as the standard library's decompressors do."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Brotli:
    """A brotli stream (RFC 7932) as an Inflater; nothing may follow it."""

    unused_data = b""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    def decompress(self, data: bytes, most: int, /) -> bytes:
        return bytes(self._stream.process(data, output_buffer_limit=most))


def _gzip(content: bytes) -> Inflater:
    return zlib.decompressobj(zlib.MAX_WBITS | 32)


def _deflate(content: bytes) -> Inflater:
    """For zlib and gzip, told apart by their first bytes, and raw deflate, which some servers mean by that name."""
    raw = content[0] & 0x0F != 8 and content[:2] != b"\x1f\x8b"
    return zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)


def _zstd(content: bytes) -> Inflater:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: WINDOW})


INFLATERS: dict[str, Callable[[bytes], Inflater]] = {
    "gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": lambda _: _Brotli(), "zstd": _zstd
}  # fmt: skip
ERRORS = (zlib.error, brotli.error, zstd.ZstdError)

ALWAYS = {"gzip", "x-gzip", "deflate"}
"""Codings that are read whether or not they were asked for, as clients do."""


def decoded(status: int, headers: Headers, content: bytes, limits: Limits, asked: Headers = ()) -> Answer:
    """An answer with its content codings undone, the last one first; `asked`: the request's headers.

    A broken coding is the answer's flaw, and so is one that was not asked for. Trouble where the answer is more than
    the limits allow, or comes in a coding that was asked for and is not known here.
    """
    codings = [coding for coding in listed(headers, "content-encoding") if coding != "identity"]
    if len(codings) > MOST:
        return Answer(status, headers, b"", flaw=f"{len(codings)} content codings on top of one another")
    for coding in reversed(codings if content else []):
        if coding not in ALWAYS and not _is_asked_for(coding, asked):
            return Answer(status, headers, b"", flaw=f"a Content-Encoding that was not asked for: {_named(coding)}")
        if coding not in INFLATERS:
            raise Trouble(f"an answer in a content coding that pollspec does not know: {_named(coding)}")
        try:
            content = _inflated(content, coding, limits.size)
        except Broken as error:
            return Answer(status, headers, b"", flaw=str(error))
    if content.count(b",") >= limits.values:
        raise Trouble(f"an answer of more than {limits.values} JSON values")
    return Answer(status, headers, content)


def read_by(
    status: int, headers: Headers, content: bytes, limits: Limits, asked: Headers = ()
) -> tuple[Answer | None, str]:
    """The same, for what passed a door: the answer, or None and why it is not judged."""
    try:
        return decoded(status, headers, content, limits, asked), ""
    except Trouble as error:
        return None, str(error)


def listed(headers: Headers, name: str) -> list[str]:
    """The members of a header that is a list (RFC 9110, 5.6.1), in lower case."""
    texts = str(header(headers, name) or "").lower().split(",")
    return [member for member in (text.strip() for text in texts) if member]


def values(content: bytes) -> int:
    """How many JSON values a body holds at most, strings aside: what a comma parts, what a bracket opens."""
    return content.count(b",") + content.count(b"[") + content.count(b"{") + 1


def _is_asked_for(coding: str, asked: Headers) -> bool:
    """Whether an Accept-Encoding takes a coding; a request without one takes any (RFC 9110, 12.5.3)."""
    if isinstance(header(asked, "accept-encoding"), Missing):
        return True
    members = [member.partition(";") for member in listed(asked, "accept-encoding")]
    weights = {name.strip(): weight.strip() for name, _, weight in members}
    weight = weights.get(coding, weights.get("*"))
    return weight is not None and not NO_WEIGHT.fullmatch(weight)


def _named(coding: str) -> str:
    return coding if CODING.fullmatch(coding) else "one whose name is no token"


def _inflated(content: bytes, coding: str, size: int) -> bytes:
    """One coding undone; a body may have several members (RFC 1952, 2.2) or frames (RFC 8878, 3.1)."""
    whole = bytearray()
    for _ in range(MEMBERS):
        if not content:
            return bytes(whole)
        inflater = INFLATERS[coding](content)
        try:
            whole += inflater.decompress(content, size + 1 - len(whole))
        except ERRORS:
            raise Broken(f"a broken {coding} body") from None
        if len(whole) > size:
            raise Trouble(f"an answer of more than {size} bytes, inflated")
        if not inflater.eof:
            raise Broken(f"a {coding} body that breaks off")
        content = inflater.unused_data
    raise Broken(f"a {coding} body of more than {MEMBERS} members")
