"""Content codings (RFC 9110, 8.4) undone: within the size limit, whatever a few bytes inflate to."""

from __future__ import annotations

import zlib

from ..messages import Answer, Headers, header
from .limits import Limits, Trouble

MOST = 4
"""Codings on top of one another."""

MEMBERS = 100
"""Members of one gzip body."""

INFLATED = {"gzip", "x-gzip", "deflate"}


class Broken(Exception):
    """Content that is not what its coding says."""


def decoded(status: int, headers: Headers, content: bytes, limits: Limits) -> Answer:
    """An answer with its content codings undone, the last one first.

    A broken coding is the answer's flaw; Trouble where the answer is more than the limits allow.
    """
    listed = str(header(headers, "content-encoding") or "").lower().split(",")
    codings = [coding for coding in (text.strip() for text in listed) if coding not in {"", "identity"}]
    if len(codings) > MOST:
        return Answer(status, headers, b"", flaw=f"{len(codings)} content codings on top of one another")
    for coding in reversed(codings if content else []):
        if coding not in INFLATED:
            return Answer(status, headers, b"", flaw="a Content-Encoding that was not asked for")
        try:
            content = _inflated(content, coding, limits.size)
        except Broken as error:
            return Answer(status, headers, b"", flaw=str(error))
    if content.count(b",") >= limits.values:
        raise Trouble(f"an answer of more than {limits.values} JSON values")
    return Answer(status, headers, content)


def values(content: bytes) -> int:
    """How many JSON values a body holds at most, strings aside: what a comma parts, what a bracket opens."""
    return content.count(b",") + content.count(b"[") + content.count(b"{") + 1


def _inflated(content: bytes, coding: str, size: int) -> bytes:
    """One coding undone; a gzip body may have several members (RFC 1952, 2.2)."""
    whole = bytearray()
    for _ in range(MEMBERS):
        if not content:
            return bytes(whole)
        inflater = _inflater(content, coding)
        try:
            whole += inflater.decompress(content, size + 1 - len(whole))
        except zlib.error:
            raise Broken(f"a broken {coding} body") from None
        if len(whole) > size:
            raise Trouble(f"an answer of more than {size} bytes, inflated")
        if not inflater.eof:
            raise Broken(f"a {coding} body that breaks off")
        content = inflater.unused_data
    raise Broken(f"a {coding} body of more than {MEMBERS} members")


def _inflater(content: bytes, coding: str) -> zlib._Decompress:
    """For gzip and zlib, told apart by their first bytes; for raw deflate, which some servers mean by that name."""
    raw = coding == "deflate" and content[0] & 0x0F != 8 and content[:2] != b"\x1f\x8b"
    return zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
