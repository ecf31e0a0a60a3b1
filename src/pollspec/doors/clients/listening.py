"""One request of a client, and what the client reads of its answer."""

from __future__ import annotations

import time

from pollspec.document.messages import Answer, Headers, header
from pollspec.doors.recording import SIZE, Kept, Passage, Recording
from pollspec.trial.wire.codings import INFLATERS, listed, read_by
from pollspec.trial.wire.limits import Limits

UNREAD = "the client did not read the whole answer"


class Listening:
    """Records a request once its answer has ended. `sent`: the body; None if it cannot be seen."""

    def __init__(self, seen: Recording, method: str, url: str, headers: Headers, sent: Kept | None) -> None:
        self.seen, self.place = seen, seen.locate(method, url)
        self.method, self.url, self.headers, self.sent = method, url, headers, sent
        self.received = Kept(SIZE if self.place else 0)
        self.start, self.ended = time.monotonic(), False

    def whole(self, status: int, headers: Headers, inflated: bool = False) -> None:
        """The client has read the answer to its end; `inflated`: with its content coding undone."""
        if not self.received.whole:
            self._end(None, f"an answer of more than {SIZE} bytes", unseen=True)
        elif inflated and set(listed(headers, "content-encoding")) <= {*INFLATERS, "identity"}:
            self._end(Answer(status, headers, self.received.content))
        else:
            answer, trouble = read_by(status, headers, self.received.content, Limits(size=SIZE), self.headers)
            self._end(answer, trouble, unseen=answer is None)

    def flawed(self, status: int, headers: Headers, flaw: str) -> None:
        """The answer's content coding cannot be undone."""
        self._end(Answer(status, headers, b"", flaw))

    def lost(self, error: Exception) -> None:
        """There was no answer, or no whole one."""
        self._end(None, f"no whole answer ({type(error).__name__})")

    def unread(self) -> None:
        """The client wants no more of the answer."""
        self._end(None, UNREAD, unseen=True)

    def closed(self, status: int, headers: Headers) -> None:
        """The client wants no more of the answer, of which it may have everything."""
        length = header(headers, "content-length")
        if length == str(self.received.length):
            self.whole(status, headers)
        else:
            self.unread()

    def _end(self, answer: Answer | None, trouble: str = "", unseen: bool = False) -> None:
        if self.ended:
            return
        self.ended = True
        if self.sent is None or not self.sent.whole:
            answer, trouble, unseen = None, "the request's body was not seen", unseen or answer is not None
        content, told = self.sent.content if self.sent else b"", self.url.startswith("http://")
        times = (self.start, time.monotonic())
        passage = Passage(self.method, self.url, self.headers, content, answer, *times, trouble, unseen, told)
        self.seen.add(passage, self.place)
