"""What a client's test sent and received, and the check at its end."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

from rich.console import Console

from pollspec.document.keywords import Strict
from pollspec.document.reading import load
from pollspec.doors.conclusion import Conclusion
from pollspec.doors.recording import Recording, of_traffic
from pollspec.reports import terminal


class Seen(Recording):
    """A recording of one vendor's traffic that can be asked for verdicts at any time."""

    def check(self, strict: Strict = False) -> None:
        """AssertionError with what is broken, or where nothing was judged. `strict`: a deviation fails as well."""
        report = Conclusion(self.vendor.beliefs, {"strict": strict}).of_traffic(self, "")
        if report.exit_code() != 0:
            out = io.StringIO()
            terminal.show(report, Console(file=out, width=120, highlight=False))
            raise AssertionError(f"{self.counted()}\n{out.getvalue()}")


@contextlib.contextmanager
def recording(vendor: str, base_path: str | None = None, strict: Strict = False) -> Iterator[Seen]:
    """Record what passes the transports and adapters that are made with it, and check it at the end of the block.

    `vendor`: a known name or a document's path; `base_path`: what stands before every path (any prefix).
    """
    document = load(vendor)
    seen = Seen(document, of_traffic(document), "a client's tests", base_path)
    yield seen
    seen.check(strict)
