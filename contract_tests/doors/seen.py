"""What a client's test sent and received, and the check at its end."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

from rich.console import Console

from ..reading import load
from ..reports import terminal
from ..verdict import Verdict
from .hearing import Hearing, of_traffic
from .recording import Recording
from .summary import report_of


class Seen(Recording):
    """A recording of one vendor's traffic that can be asked for verdicts at any time."""

    def verdicts(self) -> dict[str, Verdict]:
        """Belief id -> verdict on what was seen so far."""
        return Hearing(self, of_traffic(self.vendor)).verdicts

    def check(self, strict: bool = False) -> None:
        """AssertionError with what is broken, or where nothing was judged. `strict`: a deviation fails as well."""
        report = report_of(Hearing(self, of_traffic(self.vendor)), "", strict)
        if report.exit_code() != 0:
            out = io.StringIO()
            terminal.show(report, Console(file=out, width=120, highlight=False))
            raise AssertionError(f"{self.counted()}\n{out.getvalue()}")


@contextlib.contextmanager
def recording(vendor: str, base_path: str | None = None, strict: bool = False) -> Iterator[Seen]:
    """Record what passes the transports and adapters that are made with it, and check it at the end of the block.

    `vendor`: a known name or a document's path; `base_path`: what stands before every path (any prefix).
    """
    seen = Seen(load(vendor), "a client's tests", base_path)
    yield seen
    seen.check(strict)
