"""What passed, written to files by bucket, and read again part by part, each in order of time.

A frame is a head of fixed size, the part's name, and a passage. Buckets are chosen by crc32: it is the same in every
process, as Python's own hash of a text is not.
"""

from __future__ import annotations

import io
import mmap
import os
import pathlib
import struct
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from pollspec.doors.recording import Passage

HEAD = struct.Struct("<IIdQ")
"""Bytes of the name and of the passage; when it began; its place in its file."""
BUFFERED = 2**24
"""Bytes that are held before they are written."""

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Passage).decode


class Key(NamedTuple):
    """Where a passage belongs: a part, and its order within it. `file`, `place`: where it was read."""

    part: str
    start: float
    file: int
    place: int


@dataclass(frozen=True)
class Chunk:
    """Frames of one bucket, from one capture: in a file from `offset` on, or in memory (`content`)."""

    file: int
    size: int
    path: str = ""
    offset: int = 0
    content: bytes = field(default=b"", repr=False)


class Writer:
    """Writes one capture's frames. `folder`: where to; what is little stays in memory where there is none.

    Each writer has a file of its own, so that a capture that is read once more disturbs nobody.
    """

    def __init__(self, file: int, buckets: int, folder: str, held: bool) -> None:
        self.file, self.buckets, self.folder, self.held = file, buckets, folder, held
        self.chunks: dict[int, list[Chunk]] = defaultdict(list)
        self._buffers: dict[int, bytearray] = defaultdict(bytearray)
        self._size, self._path = 0, ""

    def add(self, key: Key, passage: Passage) -> None:
        """Write one passage."""
        frame = framed(key, passage)
        self._buffers[zlib.crc32(key.part.encode()) % self.buckets] += frame
        self._size += len(frame)
        if self._size > BUFFERED:
            self._spill()

    def close(self) -> dict[int, list[Chunk]]:
        """The chunks of each bucket."""
        if self._path or not self.held:
            self._spill()
        while self._buffers:
            bucket, content = self._buffers.popitem()
            self.chunks[bucket].append(Chunk(self.file, len(content), content=bytes(content)))
        return dict(self.chunks)

    def _spill(self) -> None:
        if not self._path:
            handle, self._path = tempfile.mkstemp(prefix=f"{self.file}-", suffix=".frames", dir=self.folder)
            os.close(handle)
        with pathlib.Path(self._path).open("ab") as written:
            for bucket, content in self._buffers.items():
                self.chunks[bucket].append(Chunk(self.file, len(content), self._path, written.tell()))
                written.write(content)
        self._buffers.clear()
        self._size = 0


def framed(key: Key, passage: Passage) -> bytes:
    """One frame."""
    part, content = key.part.encode(), encode(passage)
    return HEAD.pack(len(part), len(content), key.start, key.place) + part + content


def in_order(chunks: Sequence[Chunk]) -> Iterator[tuple[Key, Passage]]:
    """What was written, part by part, each in order of time."""
    mapped = {path: _mapped(path) for path in dict.fromkeys(chunk.path for chunk in chunks if chunk.path)}
    places: list[tuple[Key, memoryview]] = []
    names: dict[bytes, str] = {}
    for chunk in chunks:
        data = mapped[chunk.path] if chunk.path else memoryview(chunk.content)
        places += _placed(data[chunk.offset : chunk.offset + chunk.size], chunk.file, names)
    places.sort(key=lambda one: one[0])
    for key, content in places:
        yield key, decode(content)


def _placed(data: memoryview, file: int, names: dict[bytes, str]) -> Iterator[tuple[Key, memoryview]]:
    at = 0
    while at < len(data):
        named, size, start, place = HEAD.unpack_from(data, at)
        middle = at + HEAD.size + named
        name = bytes(data[at + HEAD.size : middle])
        yield Key(names.setdefault(name, name.decode()), start, file, place), data[middle : middle + size]
        at = middle + size


def _mapped(path: str) -> memoryview:
    """A file that is mapped: what is read of it can be let go again."""
    with pathlib.Path(path).open("rb") as file:
        assert isinstance(file, io.BufferedReader)
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
