"""What a client's test sent and received, and the check at its end."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

from rich.console import Console

from pollspec.document.keywords import Strict
from pollspec.document.loader import load
from pollspec.doors.conclusion import Conclusion
from pollspec.doors.recording import Recording, of_traffic
from pollspec.reports import terminal


class Recorder(Recording):
    """A recording of one vendor's traffic that can be asked for verdicts at any time."""

    def check(self, strict: Strict = False) -> None:
        """AssertionError with what is broken, or where nothing was judged. `strict`: a deviation fails as well."""
        if broken := self.broken(strict):
            raise AssertionError(broken)

    def broken(self, strict: Strict = False) -> str:
        """What is broken, as `pollspec test` prints it, or that nothing was judged; "" where all is well."""
        report = Conclusion(self.vendor.beliefs, {"strict": strict}).of_traffic(self, "")
        if report.exit_code() == 0:
            return ""
        out = io.StringIO()
        terminal.show(report, Console(file=out, width=120, highlight=False))
        return f"{self.counted()}\n{out.getvalue()}"


@contextlib.contextmanager
def recording(vendor: str, base_path: str | None = None, strict: Strict = False) -> Iterator[Recorder]:
    """Record what passes the transports and adapters that are made with it, and check it at the end of the block.

    Where the block raises, what is broken is a note of that exception.

    `vendor`: a known name or a document's path; `base_path`: what stands before every path (any prefix).
    """
    document = load(vendor)
    seen = Recorder(document, of_traffic(document), "a client's tests", base_path)
    try:
        yield seen
    except BaseException as error:
        if seen.number and (broken := seen.broken(strict)):
            error.add_note(broken)
        raise
    seen.check(strict)
