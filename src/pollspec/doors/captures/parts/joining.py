"""Captures sorted, their parts judged, the verdicts joined: one ledger of the whole, whoever did the work."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

from pollspec.doors.captures.parts.brief import Brief
from pollspec.doors.captures.parts.frames import Chunk, Key
from pollspec.doors.captures.parts.judging import Judging, Whole
from pollspec.doors.captures.parts.sorting import Capture, Sorted, Sorter, note, order
from pollspec.doors.captures.parts.workers import Workers
from pollspec.doors.recording import Passage, Recording
from pollspec.doors.secrets import Secret
from pollspec.errors import PollspecError
from pollspec.judge.exchange import Exchange
from pollspec.masks import Masks, secret_of

BUCKETS = 256
MOST, LEAST, SHARES = 2**25, 2**16, 16
"""Bytes that are judged by one judge, in one piece: at most, where workers share the work at least, and the pieces."""
NAMED = 3
"""Captures that cannot be read, of which the reason is told."""


class Gathered(Recording):
    """A ledger of several captures: an exchange is cited by its capture, and its place in it.

    `errors`: why whole captures could not be read.
    """

    captures: Sequence[str] = ()
    offsets: Sequence[int] = ()
    errors: Sequence[PollspecError] = ()

    def cited(self, exchange: Exchange) -> str:
        """Where it stands."""
        if len(self.captures) < 2:
            return super().cited(exchange)
        file = max(place for place, offset in enumerate(self.offsets) if offset <= exchange.number)
        return f"request {exchange.number - self.offsets[file] + 1} of {self.captures[file]}"


def gather(brief: Brief, captures: Sequence[str], name: str, workers: Workers, masks: Masks) -> Gathered:
    """What captures have of a vendor, judged. `masks`: what is known to be secret beforehand."""
    sorter = Sorter(brief, BUCKETS, workers.folder, held=not workers.apart and len(captures) == 1)
    given = [Capture(path, file) for file, path in enumerate(captures)]
    found = list(workers.each(sorter, given))
    ledger = Gathered(brief.vendor(), brief.beliefs, name, brief.base_path, brief.settings, brief.version)
    ledger.masks.include(masks)
    ledger.captures, ledger.offsets = captures, _offsets(found)
    _count(ledger, found)
    secrets = list[Secret]()
    for judged in workers.each(Judging(brief, _whole(found, ledger.offsets)), _pieces(found, workers.apart)):
        ledger.include(judged.share)
        secrets = _merged(secrets, judged.secrets)
    _hide(ledger.masks, secrets)
    return ledger


def _offsets(found: Sequence[Sorted]) -> list[int]:
    """How many entries the captures before each have."""
    return [0, *itertools.accumulate(one.total for one in found)][:-1]


def _count(ledger: Gathered, found: Sequence[Sorted]) -> None:
    """How much was read, and what could not be."""
    ledger.number, ledger.others = sum(one.requests for one in found), sum(one.others for one in found)
    alone = len(found) == 1
    unread = [one.unread if alone else f"{one.capture.path}: {one.unread}" for one in found if one.unread]
    ledger.errors = [one.error for one in found if one.error]
    if ledger.errors:
        why = [str(error.args[0]) for error in ledger.errors[:NAMED]]
        why += [f"{len(ledger.errors) - NAMED} more"] if len(ledger.errors) > NAMED else []
        unread.insert(0, f"{len(ledger.errors)} of {len(found)} captures could not be read: {'; '.join(why)}")
    ledger.unread = "; ".join(unread)


def _whole(found: Sequence[Sorted], offsets: Sequence[int]) -> Whole:
    """What every part must know."""
    servers, polite = dict[str, Key](), dict[str, Key]()
    secrets = dict[tuple[str, str, str], tuple[Key, Passage]]()
    for one in found:
        for name, key in one.servers.items():
            note(servers, name, key)
        for name, key in one.polite.items():
            note(polite, name, key)
        for secret, sent in one.secrets.items():
            if secret not in secrets or order(sent[0]) < order(secrets[secret][0]):
                secrets[secret] = sent
    listed = sorted(servers, key=lambda name: order(servers[name]))
    since = {name: (key.start, offsets[key.file] + key.place) for name, key in polite.items()}
    ordered = sorted(secrets.values(), key=lambda sent: order(sent[0]))
    return Whole(offsets, {name: number for number, name in enumerate(listed)}, since, ordered)


def _pieces(found: Sequence[Sorted], shared: bool) -> Iterator[list[Chunk]]:
    """The buckets, several small ones together."""
    buckets: dict[int, list[Chunk]] = defaultdict(list)
    for one in found:
        for bucket, chunks in one.chunks.items():
            buckets[bucket] += chunks
    sizes = {bucket: sum(chunk.size for chunk in chunks) for bucket, chunks in buckets.items()}
    enough = min(MOST, max(LEAST, sum(sizes.values()) // SHARES)) if shared else MOST
    piece, size = list[Chunk](), 0
    for bucket in sorted(buckets):
        if piece and size + sizes[bucket] > enough:
            yield piece
            piece, size = [], 0
        piece, size = [*piece, *buckets[bucket]], size + sizes[bucket]
    if piece:
        yield piece


def _merged(known: list[Secret], more: list[Secret]) -> list[Secret]:
    """Secrets of several parts; of those that are the same, the first one."""
    first = {secret_of(one.value): one for one in sorted([*known, *more], reverse=True)}
    return list(first.values())


def _hide(masks: Masks, secrets: Sequence[Secret]) -> None:
    """Mask all of them, numbered in the order in which they were seen."""
    for one in sorted(secrets):
        masks.add_one_of(one.value, one.name)
