"""Judges a file of exchanges with pollspec, in a process of its own: VENDOR FILE; prints what it took, as JSON.

Reading the file is no part of it, nor is loading the document; reading the bodies is.
"""

from __future__ import annotations

import cProfile
import gc
import io
import json
import pstats
import sys
import time

from pollspec.document.loader import load
from pollspec.document.vendor import Belief, Vendor
from pollspec.doors.captures.archive import entries
from pollspec.doors.recording import Recording, of_traffic
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import Judge
from pollspec.judge.verdict import Finding, Outcome

MOST_COSTLY = 12
"""Functions of a profile that are shown."""


class Remembering(Recording):
    """A recording that judges nothing."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(vendor, [], "the bench")
        self.exchanges: list[Exchange] = []

    def enter(self, exchange: Exchange) -> list[tuple[Belief, Finding]]:
        """Keep an exchange."""
        self.exchanges.append(exchange)
        return []


def read(vendor: Vendor, path: str) -> list[Exchange]:
    """The exchanges of a file, in the order in which they began; nothing of their bodies is read."""
    recording = Remembering(vendor)
    for one in entries(path):
        if (place := recording.locate(one.method, one.url)) and (passage := one.passage()):
            recording.add(passage, place, one.number)
    recording.verdicts()
    return recording.exchanges


def timed(vendor: Vendor, exchanges: list[Exchange]) -> dict[str, float]:
    """What judging took: seconds on the wall and of the processor, and how many verdicts are not `kept`."""
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    verdicts = judged(vendor, exchanges)
    took = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}
    wrong = sum(one not in {Outcome.KEPT, Outcome.NOT_TRIED} for one in verdicts)
    return {**took, "exchanges": len(exchanges), "beliefs": len(verdicts), "wrong": wrong}


def judged(vendor: Vendor, exchanges: list[Exchange]) -> list[Outcome]:
    """What became of each belief that traffic can keep."""
    judging = Judge(vendor, of_traffic(vendor))
    for exchange in exchanges:
        judging.see(exchange)
    return [verdict.outcome for verdict in judging.verdicts()]


def profiled(vendor: Vendor, exchanges: list[Exchange]) -> list[str]:
    """The functions that take the most time by themselves, as cProfile has them."""
    profile = cProfile.Profile()
    profile.runcall(judged, vendor, exchanges)
    text = io.StringIO()
    pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime").print_stats(MOST_COSTLY)
    lines = text.getvalue().splitlines()
    return [line.rstrip() for line in lines if line.strip()]


def main(name: str, path: str, *more: str) -> None:
    """Print what it took; with a third word: a profile."""
    vendor = load(name)
    exchanges = read(vendor, path)
    print("\n".join(profiled(vendor, exchanges)) if more else json.dumps(timed(vendor, exchanges)))


if __name__ == "__main__":
    main(*sys.argv[1:])
