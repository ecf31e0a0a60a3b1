"""One capture, sorted into buckets: each exchange of the vendor goes where its part is. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pollspec.document import expressions
from pollspec.document.messages import Request
from pollspec.document.vendor import Vendor
from pollspec.doors.captures.archive import entries
from pollspec.doors.captures.parts.brief import Brief
from pollspec.doors.captures.parts.frames import Chunk, Key, Writer
from pollspec.doors.recording import Passage, Place, Recording, is_polite
from pollspec.errors import PollspecError
from pollspec.judge.parting import Parting


@dataclass(frozen=True)
class Capture:
    """A file to be sorted, and its number among all."""

    path: str
    file: int


@dataclass
class Sorted:
    """What a capture holds. `requests`: of the vendor; `others`: those that are not; `total`: of all its entries.

    `servers`: who was asked, and when first; `polite`: those of them that play the document, and since when;
    `secrets`: the first passage that sent each secret. `unread`: entries that cannot be read; `error`: why the whole
    file cannot be.
    """

    capture: Capture
    requests: int = 0
    others: int = 0
    total: int = 0
    chunks: dict[int, list[Chunk]] = field(default_factory=dict)
    servers: dict[str, Key] = field(default_factory=dict)
    polite: dict[str, Key] = field(default_factory=dict)
    secrets: dict[tuple[str, str, str], tuple[Key, Passage]] = field(default_factory=dict, repr=False)
    unread: str = ""
    error: PollspecError | None = None


class Sorter:
    """Sorts captures. `folder`: for the buckets; `held`: what is little stays in memory."""

    def __init__(self, brief: Brief, buckets: int, folder: str, held: bool) -> None:
        self.brief, self.buckets, self.folder, self.held = brief, buckets, folder, held

    def __call__(self, capture: Capture) -> Sorted:
        """What one capture holds; it may be asked again, and says the same."""
        return _Sorting(self, capture).found()


class _Sorting:
    def __init__(self, sorter: Sorter, capture: Capture) -> None:
        self.vendor = sorter.brief.vendor()
        self.recording = Recording(self.vendor, [], "", sorter.brief.base_path)
        self.parting = Parting(self.vendor)
        self.sorted = Sorted(capture)
        self.writer = Writer(capture.file, sorter.buckets, sorter.folder, sorter.held)

    def found(self) -> Sorted:
        """Read it to its end."""
        archive = entries(self.sorted.capture.path)
        try:
            for entry in archive:
                self.sorted.total = max(self.sorted.total, entry.number + 1)
                if (place := self.recording.locate(entry.method, entry.url)) is None:
                    self.sorted.others += 1
                elif passage := entry.passage():
                    self._take(passage, place, entry.number)
        except PollspecError as error:
            self.sorted.error = error
        self.sorted.unread, self.sorted.chunks = archive.unread, self.writer.close()
        return self.sorted

    def _take(self, passage: Passage, place: Place, number: int) -> None:
        request = place.request(passage)
        part = f"{place.server}\n{self.parting.name(request, passage.answer)}"
        key = Key(part, passage.start, self.sorted.capture.file, number)
        self.sorted.requests += 1
        note(self.sorted.servers, place.server, key)
        if passage.answer is not None and is_polite(passage.answer):
            note(self.sorted.polite, place.server, key)
        for text, value in sent(self.vendor, request):
            secret = (place.server, text, value)
            if secret not in self.sorted.secrets or order(key) < order(self.sorted.secrets[secret][0]):
                self.sorted.secrets[secret] = (key, passage)
        self.writer.add(key, passage)


def order(key: Key) -> tuple[float, int, int]:
    """A place in the order of all that passed."""
    return key[1:]


def note(first: dict[str, Key], name: str, key: Key) -> None:
    """Keep the first of several."""
    if name not in first or order(key) < order(first[name]):
        first[name] = key


def sent(vendor: Vendor, request: Request) -> Iterator[tuple[str, str]]:
    """The secrets that a request sends: the expression, and its value."""
    for text in vendor.secrets(request.operation):
        if isinstance(value := expressions.value(text, request), str):
            yield text, value
