"""One server, asked live and read from a capture of the same bytes, gets the same verdicts.

A capture holds bodies with their coding undone (HAR 1.2), so that a body that is plain under a coding's name cannot be
told there; whatever else goes over a wire can.
"""

from __future__ import annotations

import base64
import gzip
import json
import pathlib
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
import pytest

from pollspec.document.loader import load
from pollspec.doors.recording import of_traffic
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import judge
from tests.livetrial import VENDOR, is_friend, settings, tried
from tests.rawserver import JSON, RawServer, answer
from tests.recordings import read_back
from tests.test_hostile import GOOD, READABLE, REFUSED, UNREADABLE, to_friends

TEXT = json.dumps(GOOD).encode()
DAWN = datetime(2026, 11, 27, 6, tzinfo=UTC)
UTF8 = f"{JSON}; charset=utf-8"
PLAIN_UNDER_A_CODING = {
    "no-gzip-at-all", "too-many-codings", "unasked-coding", "unknown-coding", "a-coding-with-no-name"
}  # fmt: skip

INPUTS: dict[str, bytes] = {
    "plain": answer(GOOD),
    "two-types-that-agree": answer(GOOD, JSON, UTF8),
    "two-types-that-agree-turned": answer(GOOD, UTF8, JSON),
    "one-type-twice": answer(GOOD, JSON, JSON),
    "two-types-in-one-line": answer(GOOD, f"{UTF8}, application/json"),
    "two-types-that-differ": answer(GOOD, JSON, "Content-Type: text/html"),
    "two-types-that-differ-turned": answer(GOOD, "Content-Type: text/html", JSON),
    "an-empty-type-beside": answer(GOOD, JSON, "Content-Type:"),
    "a-comma-in-a-quoted-parameter": answer(GOOD, f'{JSON}; note="a, b"'),
    "no-type": answer(GOOD, "X-Nothing: 1"),
    "a-type-in-capitals": answer(GOOD, "CONTENT-TYPE: Application/JSON"),
    "another-type": answer(GOOD, "Content-Type: text/html"),
    "a-page": answer(b"<html>login</html>", "Content-Type: text/html"),
    "br-that-was-not-asked-for": answer(brotli.compress(TEXT), JSON, "Content-Encoding: br"),
    "a-bomb": answer(gzip.compress(b" " * 2**24), JSON, "Content-Encoding: gzip"),
    "zlib-in-gzip": answer(gzip.compress(zlib.compress(TEXT)), JSON, "Content-Encoding: deflate, gzip"),
    "latin-1-in-a-header": answer(GOOD, JSON, "X-Name: caf\xe9"),
    "a-header-twice": answer(GOOD, JSON, "X-Name: a", "X-Name: b"),
    "a-redirect": answer(b"", "Location: /elsewhere", status="302 Found"),
    "a-redirect-to-nowhere": answer(b"", status="302 Found"),
    "no-content": answer(b"", status="204 No Content"),
    "another-success": answer(GOOD, status="201 Created"),
    "a-500": answer({"success": False}, status="500 Internal Server Error"),
    "a-503": answer(b"<html>", "Content-Type: text/html", status="503 Service Unavailable"),
    "a-418": answer({"success": False}, status="418 I'm a teapot"),
    "a-600": answer(GOOD, status="600 Unknown"),
    "a-999": answer({"success": False}, status="999 Request denied"),
    "an-empty-object": answer({}),
    "a-list": answer([]),
    "a-name-twice": answer(TEXT[:-1] + b', "key": "other"}'),
    "a-byte-order-mark": answer(b"\xef\xbb\xbf" + TEXT),
    "utf-16": answer(TEXT.decode().encode("utf-16")),
    "escapes": answer(rb'{"success": true, "key": "\u006b\ud83d\ude00", "name": "\u0000"}'),
    **{name: told for name, (told, _) in UNREADABLE.items() if name not in PLAIN_UNDER_A_CODING},
    **READABLE,
}


def entry(exchange: Exchange, number: int, url: str, told: bytes) -> dict[str, Any]:
    """An entry as a recorder writes it that keeps what it cannot read."""
    while told.startswith(b"HTTP/1.1 1"):
        told = told.partition(b"\r\n\r\n")[2]
    head, _, content = told.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    try:
        body = {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        body = {"text": base64.b64encode(content).decode(), "encoding": "base64"}
    return {
        "startedDateTime": (DAWN + timedelta(seconds=number)).isoformat(timespec="microseconds"),
        "time": 1,
        "request": {
            "method": exchange.request.method,
            "url": f"{url}{exchange.request.target}",
            "headers": [{"name": name, "value": value} for name, value in exchange.request.headers],
            "bodySize": 0,
        },
        "response": {
            "status": int(first.split(" ")[1]),
            "headers": [{"name": name, "value": value.strip()} for name, _, value in (s.partition(":") for s in lines)],
            "content": {"size": len(content), **body},
        },
    }


def verdicts(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """What each belief about traffic met, and what was found, where the exchanges come one second after another."""
    timed = [replace(e, start=float(n), end=n + 0.001, number=n, session=0) for n, e in enumerate(exchanges)]
    vendor = load(VENDOR)
    found = judge(vendor, timed, of_traffic(vendor))
    return {v.belief.id: (v.outcome, [(f.expected, f.actual, f.at.number) for f in v.findings]) for v in found}


@pytest.mark.parametrize("told", INPUTS.values(), ids=INPUTS)
def test_the_same_verdicts(told: bytes, tmp_path: pathlib.Path) -> None:
    """What a live run finds, and what it loses, a capture of it shows as well, belief by belief."""
    given = settings(wrong_logins=0)  # nobody can tell from a capture that a login is nearly right
    with RawServer(to_friends(told)) as server:
        live = tried(server.url, given).target.exchanges
        refused = answer(REFUSED, status="401 Unauthorized")
        asked = ["".join(f"{name}: {value}\r\n" for name, value in e.request.headers).encode() for e in live]
        raw = [told if is_friend(headers) else refused for headers in asked]
        entries = [entry(e, n, server.url, raw[n]) for n, e in enumerate(live)]
    capture = tmp_path / "capture.har"
    log = {"version": "1.2", "creator": {"name": "mitmproxy"}, "entries": entries}
    capture.write_text(json.dumps({"log": log}), encoding="utf-8")
    read = read_back(load(VENDOR), str(capture), given)
    assert [e.trouble for e in read] == [e.trouble for e in live]
    assert [e.credential for e in read if e.answer] == [e.credential for e in live if e.answer]
    assert verdicts(read) == verdicts(live)


TYPES = {name: told for name, told in INPUTS.items() if "type" in name}
EXPECTED = {
    "two-types-that-agree": ("kept", "deviates"),
    "two-types-that-agree-turned": ("kept", "deviates"),
    "one-type-twice": ("kept", "deviates"),
    "two-types-in-one-line": ("kept", "deviates"),
    "two-types-that-differ": ("broken", "deviates"),
    "two-types-that-differ-turned": ("broken", "deviates"),
    "an-empty-type-beside": ("kept", "kept"),
    "no-type": ("deviates", "kept"),
    "a-type-in-capitals": ("kept", "kept"),
    "another-type": ("broken", "kept"),
}


@pytest.mark.parametrize("name", TYPES)
def test_content_types(name: str) -> None:
    """A Content-Type that stands twice is named as a deviation, and breaks something only where the two differ."""
    with RawServer(to_friends(TYPES[name])) as server:
        found = tried(server.url)
    assert (found.row("response/200").outcome, found.row("response/unambiguous").outcome) == EXPECTED[name]


def test_the_order_of_content_types() -> None:
    """The order of two Content-Types changes no word of a verdict."""
    for name in ("two-types-that-agree", "two-types-that-differ"):
        told = []
        for turned in ("", "-turned"):
            with RawServer(to_friends(INPUTS[name + turned])) as server:
                told.append(verdicts(tried(server.url).target.exchanges))
        assert told[0] == told[1]
