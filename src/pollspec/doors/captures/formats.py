"""What kind of file an archive is: opened, mapped, unpacked; and named for what it is where it is none that is read."""

from __future__ import annotations

import codecs
import gzip
import io
import mmap
import pathlib
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple, cast
from zlib import error as ZlibError

from pollspec.errors import CaptureError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HINT = (
    "give a HAR 1.2, as a browser's network panel or a recording proxy exports it, or JSON Lines, one HAR entry a line"
)
BOM = b"\xef\xbb\xbf"
"""A byte order mark, which some editors put before a text in UTF-8."""
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
LONGEST = 2**24
"""Bytes of a line of JSON Lines; a longer one is not read."""
LARGEST = 2**30
"""Bytes of a HAR that cannot be mapped, and so is held in memory."""
STEP = 2**20
"""Bytes that are decoded at once, to see whether they are UTF-8."""


BROKEN = (OSError, EOFError, ZlibError, zstd.ZstdError)
"""What is raised where a file cannot be read, or not further."""


class Kind(NamedTuple):
    """A kind of file that is not read: how it begins, what it is, and what to type."""

    begins: bytes
    name: str
    way_out: str


KINDS = [
    Kind(b"PK", "a zip archive", "unzip -p {} > capture.har"),
    Kind(GZIP, "packed with gzip", "gzip -dc {} | pollspec judge VENDOR -"),
    Kind(ZSTD, "packed with zstd", "zstd -dc {} | pollspec judge VENDOR -"),
    Kind(b"BZh", "packed with bzip2", "bzip2 -dc {} > capture.har"),
    Kind(b"\xfd7zXZ", "packed with xz", "xz -dc {} > capture.har"),
    Kind(b"\xff\xfe", "UTF-16 and not UTF-8", "iconv -f UTF-16 -t UTF-8 {} > capture.har"),
    Kind(b"\xfe\xff", "UTF-16 and not UTF-8", "iconv -f UTF-16 -t UTF-8 {} > capture.har"),
    Kind(b"{\0", "UTF-16 and not UTF-8", "iconv -f UTF-16LE -t UTF-8 {} > capture.har"),
    Kind(b"\0{", "UTF-16 and not UTF-8", "iconv -f UTF-16BE -t UTF-8 {} > capture.har"),
    Kind(b"[", "a bare list", "jq -c '.[]' {} > capture.jsonl  (JSON Lines, if it is a list of HAR entries)"),
    Kind(b"<", "HTML or XML", HINT),
]


def check(path: str, begins: bytes) -> None:
    """CaptureError, which names what the file is, where it begins as no JSON object does."""
    if not begins:
        raise CaptureError(f"{path} is empty, or begins with empty lines", HINT)
    for kind in KINDS:
        if begins.startswith(kind.begins):
            raise CaptureError(f"{path} is {kind.name}", kind.way_out.format(_typed(path)))
    if not begins.startswith(b"{"):
        raise CaptureError(f"{path} is no JSON", HINT)


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """The bytes of a file, those of a packed one (gzip, zstd) unpacked; `-`: standard input."""
    try:
        if path == "-":
            yield sys.stdin.buffer
            return
        with pathlib.Path(path).open("rb") as file:
            yield _unpacked(file)
    except BROKEN as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CaptureError(f"{path} cannot be read: {why}", "give a HAR file, or - for standard input") from None


def _unpacked(file: io.BufferedReader) -> IO[bytes]:
    begins = file.peek(4)
    if begins.startswith(GZIP):
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    return cast(IO[bytes], zstd.ZstdFile(file)) if begins.startswith(ZSTD) else file


def whole(path: str, file: IO[bytes], begins: tuple[bytes, ...]) -> memoryview:
    """The text of a file, of which some was read: mapped, or read where that is not possible."""
    data: bytes | mmap.mmap
    try:
        if path == "-" or isinstance(file, gzip.GzipFile | zstd.ZstdFile):
            raise ValueError("no file of its own")
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        data = b"".join([*begins, file.read(LARGEST)])
    if isinstance(data, bytes) and len(data) > LARGEST:
        hint = "give it as a file that is not packed, or as JSON Lines"
        raise CaptureError(f"{path} holds more than {LARGEST >> 20} MiB", hint)
    return memoryview(data)[len(BOM) if data[: len(BOM)] == BOM else 0 :]


def release(text: memoryview) -> None:
    """Give the memory of a mapped file back that its pages have taken; what is needed again is read again."""
    if isinstance(text.obj, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        text.obj.madvise(mmap.MADV_DONTNEED)


def check_encoding(path: str, text: memoryview) -> None:
    """CaptureError, which names the first byte that is no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(text), STEP):
            decoder.decode(text[at : at + STEP])
    except UnicodeDecodeError as error:
        wrong = error.object[error.start]
        hint = f"if it is Latin-1: iconv -f LATIN1 -t UTF-8 {_typed(path)} > capture.har"
        raise CaptureError(f"{path} is no UTF-8: 0x{wrong:02x} near byte {at + error.start}", hint) from None


def _typed(path: str) -> str:
    """A path as it is typed in a command."""
    return "FILE" if path == "-" else shlex.quote(path)


def lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file; of one that is too long, only its beginning."""
    while line := file.readline(LONGEST):
        yield line
        while len(line) == LONGEST and not line.endswith(b"\n"):
            line = file.readline(LONGEST)
