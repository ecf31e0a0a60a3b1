"""Some buckets, judged: part after part, each in order of time, by one judge that leaves one before the next."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pollspec.document.messages import Answer
from pollspec.doors.captures.parts.brief import Brief
from pollspec.doors.captures.parts.frames import Chunk, Key, in_order
from pollspec.doors.recognition import Recognition
from pollspec.doors.recording import Passage, Place, Recording
from pollspec.doors.secrets import Noting, Secret
from pollspec.judge.record import SHOWN, Recorded, best
from pollspec.trial.ledger import Share

Order = tuple[float, int]
"""When an exchange began, and its number in the whole."""


@dataclass(frozen=True)
class Whole:
    """What every part must know of the whole.

    `offsets`: how many entries the captures before each have; `servers`: their numbers; `polite`: since when a server
    has been known to play the document; `secrets`: what was sent as a secret, in order of time.
    """

    offsets: Sequence[int]
    servers: Mapping[str, int]
    polite: Mapping[str, Order]
    secrets: Sequence[tuple[Key, Passage]]

    def number(self, key: Key) -> int:
        """The number of an exchange in the whole."""
        return self.offsets[key.file] + key.place

    def __repr__(self) -> str:
        return f"<{len(self.offsets)} captures>"


class Part(Recording):
    """A recording of parts of the whole."""

    def __init__(self, brief: Brief, whole: Whole) -> None:
        vendor = brief.vendor()
        super().__init__(vendor, brief.beliefs, "", brief.base_path, brief.settings, brief.version, Noting())
        self.whole, self._servers, self.order = whole, dict(whole.servers), (0.0, 0)

    def take(self, key: Key, passage: Passage) -> None:
        """Judge what passed."""
        place, number = self._at(key, passage)
        self.add(passage, place, number)

    def learn(self, key: Key, passage: Passage) -> None:
        """Know a secret that was sent, perhaps in another part."""
        place, number = self._at(key, passage)
        self.judge.learn(self.exchange(passage, place, number))

    def _at(self, key: Key, passage: Passage) -> tuple[Place, int]:
        place, number = self.locate(passage.method, passage.url), self.whole.number(key)
        assert place is not None
        self.order = (key.start, number)
        assert isinstance(self.masks, Noting)
        self.masks.look(self.order)
        return place, number

    def _known(self, session: int, server: str, answer: Answer | None) -> Recognition:
        since = self.whole.polite.get(server)
        return self._of_cards if since is not None and since <= self.order else self.recognition


@dataclass(frozen=True)
class Judged:
    """What was learnt of some parts."""

    share: Share
    secrets: list[Secret]

    def __repr__(self) -> str:
        return "<what was learnt of some parts>"


class Judging:
    """Judges buckets: some at a time, whichever they are."""

    def __init__(self, brief: Brief, whole: Whole) -> None:
        self.brief, self.whole = brief, whole

    def __call__(self, chunks: Sequence[Chunk]) -> Judged:
        """What was learnt of some buckets; it may be asked again, and says the same."""
        part = Part(self.brief, self.whole)
        for secret in self.whole.secrets:
            part.learn(*secret)
        shown: list[Recorded] = []
        omitted = 0
        for _, several in itertools.groupby(in_order(chunks), key=lambda one: one[0].part):
            shown, more = kept(shown, self._recorded(part, several))
            omitted += more
        assert isinstance(part.masks, Noting)
        share = part.share()
        share.recorded, share.left_out = shown, share.left_out + omitted
        return Judged(share, part.masks.noted())

    def _recorded(self, part: Part, several: Iterable[tuple[Key, Passage]]) -> list[Recorded]:
        for key, passage in several:
            part.take(key, passage)
        part.judge.leave()
        return part.record.turned()


def kept(shown: list[Recorded], more: list[Recorded]) -> tuple[list[Recorded], int]:
    """Those that are shown of all, and how many are not that might have been."""
    telling = [one for one in (*shown, *more) if one.telling]
    chosen = best(telling, SHOWN)
    return chosen, len(telling) - len(chosen)
