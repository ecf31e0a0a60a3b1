"""The last word of the program: however a command ends, that is an exit code and at most one sentence, no traceback.

An error of input is 2, an interrupt 130, whatever else goes wrong on our side 3. Standard output that is closed, full
or read no further changes no exit code that a verb gives itself; where the output is all that a verb gives, it is 3.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import click

from pollspec.errors import OwnError, PollspecError
from pollspec.printing import printable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Outlet(io.RawIOBase):
    """An output that takes whatever is written to it. `trouble`: why that goes nowhere, from some moment on."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self.trouble: OSError | None = None

    def writable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """Its descriptor."""
        return self._number

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._number)

    def write(self, data: ReadableBuffer, /) -> int:
        """As much as goes out; all of it where none does any more."""
        while self.trouble is None:
            try:
                return os.write(self._number, data)
            except BlockingIOError:
                select.select([], [self._number], [])
            except OSError as error:
                self.trouble = error
        return memoryview(data).nbytes


class Screen(io.TextIOWrapper):
    """A text stream on which nothing is printed raw: what is no printable character is written out.

    `rich_proxied_file`, of which rich knows, is the same without that: rich has colours to write, and gets texts that
    are printable.
    """

    def __init__(self, buffer: BinaryIO, like: TextIO | None) -> None:
        encoding = codecs.lookup(like.encoding).name if like else "ascii"
        encoding = "utf-8" if encoding == "ascii" else encoding  # click takes it so, too
        super().__init__(buffer, encoding, "backslashreplace", write_through=True)
        self.rich_proxied_file = io.TextIOWrapper(buffer, encoding, "backslashreplace", write_through=True)

    def write(self, text: str, /) -> int:
        """A text, printable; out at once at the end of a line."""
        super().write(printable(text))
        if "\n" in text:
            self.flush()
        return len(text)

    def end(self) -> None:
        """Leave the buffer to others."""
        for stream in (self, self.rich_proxied_file):
            with contextlib.suppress(OSError, ValueError):
                stream.detach()


@contextlib.contextmanager
def outlets() -> Iterator[Outlet]:
    """Standard output and error that never fail, and print nothing raw; standard output's outlet."""
    before = sys.stdout, sys.stderr
    (out, screen), (_, aside) = _screen(sys.stdout), _screen(sys.stderr)
    sys.stdout, sys.stderr = screen, aside
    try:
        yield out
    finally:
        screen.end()
        aside.end()
        sys.stdout, sys.stderr = before


def _screen(stream: TextIO | None) -> tuple[Outlet, Screen]:
    """A process' stream, by an outlet; one that is closed swallows everything. A test's own stream stays what it is."""
    try:
        outlet = Outlet(stream.fileno() if stream else os.open(os.devnull, os.O_WRONLY))
    except (OSError, ValueError):
        assert stream
        return Outlet(1), Screen(stream.buffer, stream)
    return outlet, Screen(io.BufferedWriter(outlet), stream)


def last_word(error: BaseException) -> int:
    """Say what ended a command; its exit code."""
    known = _known(error)
    print(f"pollspec: {known}", file=sys.stderr)
    return known.exit_code


def _known(error: BaseException) -> PollspecError:
    if isinstance(error, PollspecError):
        return error
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return Interrupted("interrupted")
    if isinstance(error, RecursionError):
        return PollspecError("something that was given is nested too deeply to be read")
    if isinstance(error, MemoryError):
        return OwnError("there is not enough memory")
    if isinstance(error, OSError) and error.strerror:
        return OwnError(f"{error.strerror}{f': {error.filename}' if error.filename else ''}")
    return OwnError.of(error)


class Interrupted(PollspecError):
    """Somebody ended the command."""

    exit_code = 130


def unwritten(outlet: Outlet) -> int:
    """Say what became of standard output; the exit code of a verb of which only the output was wanted.

    An output that is read no further is no trouble: the reader has what he wants.
    """
    sys.stdout.flush()
    if outlet.trouble is None or outlet.trouble.errno == errno.EPIPE:
        return 0
    return last_word(OwnError(f"standard output cannot be written: {outlet.trouble.strerror}"))


class Group(click.Group):
    """The verbs: every way in which one ends passes here.

    `color`: click takes no escapes out of what it prints, so that the boundary writes them out, also into a pipe.
    """

    def main(self, *args: Any, **extra: Any) -> Any:
        """The whole command. A verb that has an exit code of its own raises SystemExit."""
        with outlets() as out:
            try:
                code = super().main(*args, **{**extra, "standalone_mode": False}) or None
            except SystemExit as ended:
                code = ended.code
            except click.ClickException as error:
                error.show()
                code = error.exit_code
            except click.Abort as error:
                code = last_word(error)
            lost = unwritten(out)
        raise SystemExit(lost if code is None else code)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; click has its own opinion of errors that leave here."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, SystemExit):
            raise
        except BaseException as error:
            raise SystemExit(last_word(error)) from None
