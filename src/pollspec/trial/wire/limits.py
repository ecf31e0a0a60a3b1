"""What an answer and a whole run may take, and what it is called when an answer is lost."""

from __future__ import annotations

import time
from dataclasses import dataclass


class Trouble(Exception):
    """No answer; the text says how it was lost, in words of our own: nothing in it was sent by the server."""


@dataclass(frozen=True)
class Limits:
    """`timeout`: seconds of one answer, from request to last byte; `size`: its bytes, inflated; `values`: JSON values.

    `requests`, `rate` (a second), `memory` (bytes that all answers take once read) and `time` (seconds) are the
    run's. `pause`: seconds that a Retry-After is waited for at most; `patience`: seconds without a success (lost
    answers, 5xx, 429) after which an operation is given up, and a run at which nothing has succeeded
    yet: short of two minutes, with the start of the program and its report.
    """

    timeout: float = 30.0
    size: int = 2**20
    values: int = 8_000
    requests: int = 10_000
    rate: float | None = None
    memory: int = 2**26
    time: float | None = None
    pause: float = 60.0
    patience: float = 110.0


class Deadline:
    """A moment on the machine's clock until which something must be over."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self._end = seconds, time.monotonic() + seconds

    def left(self, wanted: str = "whole answer") -> float:
        """The seconds that are left; Trouble, which names what was wanted, when there are none."""
        if (left := self._end - time.monotonic()) <= 0:
            raise Trouble(f"no {wanted} within {self.seconds:g} s")
        return left
