"""Small servers of the six documents of our own: each as somebody would write it who knows the API and not pollspec.

Each module offers what a second reading does (tests/servers), and to each misdeed the belief that speaks of it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from tests.servers import Answering, Asked, Told

__all__ = ["Answering", "Asked", "Misdeed", "Told", "moment"]


class Misdeed(NamedTuple):
    """One thing wrong with a server. `breaks`: the belief that speaks of it, without its document."""

    name: str
    breaks: str
    does: str


def moment(seconds: float) -> str:
    """A second of the server's clock as a timestamp."""
    return datetime.fromtimestamp(1_790_000_000 + seconds, UTC).isoformat()
