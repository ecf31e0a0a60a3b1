"""What can go wrong on the user's side.

PollspecError           says what was given, what was expected, and what to type next
|-- UsageError          the command's words, or a name in them          (exit code 2)
|-- DocumentError       a vendor's document                             (exit code 2)
|-- TargetFileError     a target file                                   (exit code 2)
|-- CaptureError        recorded traffic                                (exit code 2)
|-- BaselineError       a file of known failures                        (exit code 2)
|-- Unreachable         the target did not take part at all             (exit code 3)
|-- WorkersLost         those who were to judge are not there           (exit code 3)
`-- OwnError            a mistake of pollspec's own                     (exit code 3)
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable

PART = 3
"""Letters of a name that may stand for it."""


class PollspecError(Exception):
    """An error with a message for its user; `hint` says what to type next."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.args[0]}\n  hint: {self.hint}" if self.hint else str(self.args[0])


class UsageError(PollspecError):
    """The command's words do not fit."""


class DocumentError(PollspecError):
    """A document cannot be read, or breaks the grammar of x-contract."""


class TargetFileError(PollspecError):
    """A target file cannot be read, or has an unknown or ill-typed entry."""


class CaptureError(PollspecError):
    """Recorded traffic cannot be read, or is none."""


class BaselineError(PollspecError):
    """A file of known failures cannot be read, or has an entry that means nothing."""


class Unreachable(PollspecError):
    """The target gave no answer to any request."""

    exit_code = 3


class WorkersLost(PollspecError):
    """The workers that were to judge traffic are not there, or no longer."""

    exit_code = 3


class OwnError(PollspecError):
    """pollspec itself failed, so that nothing is said about the target."""

    exit_code = 3

    @classmethod
    def of(cls, error: BaseException) -> OwnError:
        """One that nobody foresaw: its kind and its place, but not its text, which may hold a secret."""
        walked = traceback.walk_tb(error.__traceback__)
        places = [(str(frame.f_globals.get("__name__")), line) for frame, line in walked]
        ours = [place for place in places if place[0].startswith("pollspec")]
        where = ":".join(map(str, (ours or places or [("nowhere", 0)])[-1]))
        return cls(f"an error of pollspec's own ({type(error).__name__} in {where})", "please report it")


MOST_NAMES = 24
"""Names that an error lists."""


def nearest(given: str, known: Iterable[str]) -> str:
    """`did you mean "x"?` for one that is alike, or of which this is a part; or the list of what is known."""
    names = sorted(known)
    parts = [name for name in names if len(given) >= PART and given.lower() in name.lower()]
    close = parts if len(parts) == 1 else difflib.get_close_matches(given, names, n=1)
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f'did you mean "{close[0]}"?' if close else f"known: {', '.join(names[:MOST_NAMES]) or 'none'}{more}"
