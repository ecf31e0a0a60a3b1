"""Content codings at every door: what was asked for is legal, what is known is read, and a bomb is bounded."""

from __future__ import annotations

import base64
import gzip
import json
import pathlib
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Callable

import brotli
import httpx
import pytest
import requests

from pollspec.document.loader import load
from pollspec.document.messages import Headers
from pollspec.doors.clients import JudgingAdapter, JudgingTransport
from pollspec.doors.proxy.proxy import Proxy
from pollspec.judge.exchange import Exchange
from pollspec.trial.wire.codings import MEMBERS, WINDOW, decoded
from pollspec.trial.wire.limits import Limits, Trouble
from tests.rawserver import JSON, RawServer, always, answer
from tests.recordings import Remembering, RememberingRecorder, read_back
from tests.serving import PATIENCE, served, until

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

VENDOR = "rocket_chat"
PATH = "/api/v1/getImportProgress"
TEXT = b'{"success": true, "key": "k", "name": "n", "step": "importer_done", "count": {"completed": 2, "total": 2}}'
SIZE = 2**20


def windowed(log: int) -> bytes:
    """A zstd frame with a window of so many bytes, as a power of two."""
    made = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: log})
    return made.compress(b" " * 2**log) + made.flush()


ALL = "gzip, deflate, br, zstd"
READ = {
    "gzip": (gzip.compress(TEXT), "gzip", ALL),
    "gzip-that-was-not-asked-for": (gzip.compress(TEXT), "gzip", "identity"),
    "br": (brotli.compress(TEXT), "br", ALL),
    "br-by-a-weight": (brotli.compress(TEXT), "br", "gzip;q=1.0, br;q=0.001"),
    "br-in-capitals": (brotli.compress(TEXT), "BR", "Br"),
    "br-by-a-star": (brotli.compress(TEXT), "br", "gzip, *;q=0.5"),
    "br-where-nothing-is-said": (brotli.compress(TEXT), "br", None),
    "zstd": (zstd.compress(TEXT), "zstd", ALL),
    "zstd-in-frames": (zstd.compress(TEXT[:9]) + zstd.compress(TEXT[9:]), "zstd", ALL),
    "br-in-zstd": (zstd.compress(brotli.compress(TEXT)), "br, zstd", ALL),
    "zlib-in-br": (brotli.compress(zlib.compress(TEXT)), "deflate, br", ALL),
    "identity": (TEXT, "identity", ALL),
    "nothing-in-br": (b"", "br", ALL),
}
FLAWED = {
    "br-that-was-not-asked-for": (brotli.compress(TEXT), "br", "gzip", "that was not asked for: br"),
    "br-that-was-refused": (brotli.compress(TEXT), "br", "gzip, br;q=0", "that was not asked for: br"),
    "zstd-that-was-refused": (zstd.compress(TEXT), "zstd", "*;q=0.0, br", "that was not asked for: zstd"),
    "another-that-was-not-asked-for": (TEXT, "dcb", ALL, "that was not asked for: dcb"),
    "no-br": (TEXT, "br", ALL, "a broken br body"),
    "no-zstd": (TEXT, "zstd", ALL, "a broken zstd body"),
    "half-a-br": (brotli.compress(TEXT)[:-9], "br", ALL, "a br body that breaks off"),
    "half-a-zstd": (zstd.compress(TEXT)[:-9], "zstd", ALL, "a zstd body that breaks off"),
    "more-than-br": (brotli.compress(TEXT) + b"{}", "br", ALL, "a broken br body"),
    "more-than-zstd": (zstd.compress(TEXT) + b"{}", "zstd", ALL, "a broken zstd body"),
    "too-many-frames": (zstd.compress(b"") * (MEMBERS + 1), "zstd", ALL, f"of more than {MEMBERS} members"),
    "too-large-a-window": (windowed(WINDOW + 1), "zstd", ALL, "a broken zstd body"),
}
LOST = {
    "another-that-was-asked-for": (TEXT, "dcb", "gzip, dcb", "a content coding that pollspec does not know: dcb"),
    "any-that-was-asked-for": (TEXT, "x1", "*", "a content coding that pollspec does not know: x1"),
    "any-where-nothing-is-said": (TEXT, "x1", None, "a content coding that pollspec does not know: x1"),
    "a-bomb-of-br": (brotli.compress(b" " * (SIZE + 1)), "br", ALL, f"an answer of more than {SIZE} bytes, inflated"),
    "a-bomb-of-zstd": (zstd.compress(b" " * (SIZE + 1)), "zstd", ALL, f"an answer of more than {SIZE} bytes, inflated"),
    "a-bomb-in-layers": (
        brotli.compress(zstd.compress(gzip.compress(b" " * 2**24))), "gzip, zstd, br", ALL,
        f"an answer of more than {SIZE} bytes, inflated",
    ),
}  # fmt: skip


def read(content: bytes, coding: str, asked: str | None) -> tuple[bytes, str]:
    """The content with its coding undone, or what is wrong with it."""
    headers: Headers = (("content-encoding", coding),)
    accepts: Headers = () if asked is None else (("Accept-Encoding", asked),)
    found = decoded(200, headers, content, Limits(size=SIZE), accepts)
    return found.content, found.flaw


@pytest.mark.parametrize(("content", "coding", "asked"), READ.values(), ids=READ)
def test_known_codings(content: bytes, coding: str, asked: str | None) -> None:
    """What was asked for is read, in whatever order of codings; gzip is read always."""
    assert read(content, coding, asked) == (TEXT if content else b"", "")


@pytest.mark.parametrize(("content", "coding", "asked", "flaw"), FLAWED.values(), ids=FLAWED)
def test_flawed_codings(content: bytes, coding: str, asked: str | None, flaw: str) -> None:
    """A body that is not in its coding, and a coding that was not asked for, are the answer's flaw, named."""
    found, said = read(content, coding, asked)
    assert found == b""
    assert flaw in said


@pytest.mark.parametrize(("content", "coding", "asked", "trouble"), LOST.values(), ids=LOST)
def test_codings_that_cannot_be_judged(content: bytes, coding: str, asked: str | None, trouble: str) -> None:
    """A coding that was asked for and is not known, and more than the limits allow, are no flaw of the answer."""
    with pytest.raises(Trouble, match=trouble):
        read(content, coding, asked)


Door = Callable[[str, str, pathlib.Path], Exchange]


def by_httpx(url: str, asked: str, folder: pathlib.Path) -> Exchange:
    """As a client with httpx reads it, raw, as its own decoders see it."""
    seen = RememberingRecorder(load(VENDOR))
    with (
        httpx.Client(transport=JudgingTransport(seen)) as client,
        client.stream("GET", f"{url}{PATH}", headers={"Accept-Encoding": asked}) as response,
    ):
        b"".join(response.iter_raw())
    return seen.exchanges[0]


def by_requests(url: str, asked: str, folder: pathlib.Path) -> Exchange:
    """As a client with requests reads it: decoded."""
    seen = RememberingRecorder(load(VENDOR))
    session = requests.Session()
    session.trust_env = False
    session.mount(url, JudgingAdapter(seen))
    try:
        session.get(f"{url}{PATH}", headers={"Accept-Encoding": asked}, timeout=PATIENCE)
    except requests.RequestException:
        assert seen.exchanges
    return seen.exchanges[0]


def by_proxy(url: str, asked: str, folder: pathlib.Path) -> Exchange:
    """As it passes the proxy."""
    recording = Remembering(load(VENDOR), url)
    with (
        served(Proxy(recording, url, size=SIZE)) as through,
        httpx.Client(timeout=PATIENCE) as client,
        client.stream("GET", f"{through}{PATH}", headers={"Accept-Encoding": asked}) as response,
    ):
        b"".join(response.iter_raw())
        until(lambda: bool(recording.exchanges))
    return recording.exchanges[0]


def by_capture(url: str, asked: str, folder: pathlib.Path) -> Exchange:
    """As a capture has it whose writer keeps bodies as they came."""
    with httpx.Client() as client, client.stream("GET", f"{url}{PATH}", headers={"Accept-Encoding": asked}) as response:
        content = base64.b64encode(b"".join(response.iter_raw())).decode()
    headers = [{"name": name, "value": value} for name, value in response.headers.multi_items()]
    asking = [{"name": name, "value": value} for name, value in response.request.headers.multi_items()]
    entry = {
        "startedDateTime": "2026-11-27T06:00:00.000Z",
        "time": 1,
        "request": {"method": "GET", "url": f"{url}{PATH}", "headers": asking},
        "response": {"status": 200, "headers": headers, "content": {"encoding": "base64", "text": content}},
    }
    path = folder / "capture.har"
    path.write_text(json.dumps({"log": {"entries": [entry]}}), encoding="utf-8")
    return read_back(load(VENDOR), str(path))[0]


DOORS: dict[str, Door] = {"httpx": by_httpx, "requests": by_requests, "proxy": by_proxy, "capture": by_capture}
PASSING = {
    "br": (brotli.compress(TEXT), "br", ALL, TEXT, ""),
    "zstd": (zstd.compress(TEXT), "zstd", ALL, TEXT, ""),
    "br-in-gzip": (gzip.compress(brotli.compress(TEXT)), "br, gzip", ALL, TEXT, ""),
    "unknown": (gzip.compress(TEXT), "dcb", "gzip, dcb", None, "pollspec does not know: dcb"),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize(("content", "coding", "asked", "shown", "trouble"), PASSING.values(), ids=PASSING)
def test_doors(
    door: Door, content: bytes, coding: str, asked: str, shown: bytes | None, trouble: str, tmp_path: pathlib.Path
) -> None:
    """A client that asks for a coding and gets it sees it judged at every door, or named where nobody can read it."""
    with RawServer(always(answer(content, JSON, f"Content-Encoding: {coding}"))) as server:
        exchange = door(server.url, asked, tmp_path)
    assert (exchange.answer.content if exchange.answer else None) == shown
    assert trouble in exchange.trouble
    assert not exchange.answer or not exchange.answer.flaw


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_bombs_at_doors(door: Door, coding: str, tmp_path: pathlib.Path) -> None:
    """More than a door judges is not judged, and costs the client nothing: it gets what it asked for."""
    compress = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}[coding]
    bomb = compress(b" " * (9 * 2**20))
    with RawServer(always(answer(bomb, JSON, f"Content-Encoding: {coding}"))) as server:
        exchange = door(server.url, ALL, tmp_path)
    assert exchange.answer is None
    assert "an answer of more than" in exchange.trouble


def half_a_gibibyte(coding: str) -> bytes:
    """In a few kilobytes, made without ever holding it."""
    blocks = (b"[" * 2**20 for _ in range(512))
    if coding == "br":
        stream = brotli.Compressor(quality=1)
        return b"".join(map(stream.process, blocks)) + bytes(stream.finish())
    made = zlib.compressobj(1, wbits=31) if coding == "gzip" else zstd.ZstdCompressor()
    return b"".join(map(made.compress, blocks)) + made.flush()


MEASURED = """
    import resource
    from pollspec.trial.wire.codings import decoded
    from pollspec.trial.wire.limits import Limits, Trouble
    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    content = open({path!r}, "rb").read()
    before = peak()
    try:
        decoded(200, (("content-encoding", {coding!r}),), content, Limits())
    except Trouble as error:
        print(peak() - before, error)
"""


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_the_memory_of_bombs(coding: str, tmp_path: pathlib.Path) -> None:
    """Half a gibibyte in a few kilobytes takes 20 MiB at most, in whatever coding."""
    bomb = tmp_path / "bomb"
    bomb.write_bytes(half_a_gibibyte(coding))
    script = textwrap.dedent(MEASURED).format(path=str(bomb), coding=coding)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=True)
    grown, _, told = done.stdout.partition(" ")
    assert int(grown) < 20
    assert told == "an answer of more than 1048576 bytes, inflated\n"
