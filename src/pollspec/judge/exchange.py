"""One request and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from pollspec.document.messages import Answer, Request

NEARLY = "nearly known"
"""The subject of a request about an identifier that is nearly a known one, and that nothing has."""

ELSEWHERE = "the link leads to another origin"
"""The trouble of a link that was not followed."""


@dataclass(frozen=True, eq=False, slots=True)
class Exchange:
    """One request and what became of it. `answer` is None where the connection was lost (`trouble` says how).

    `start`, `end`: seconds on the target's clock. `credential`: the kind of the login that was used (default, invalid,
    unprivileged, none), `login` its name where it has one of its own; `subject` names what is asked about; `session`
    tells apart servers that share no state; `number` is its place in the run. `link`: the belief for which a link was
    followed: such an exchange is about nothing else. `at_once`: something else was asked at the same moment.
    """

    request: Request
    answer: Answer | None
    start: float
    end: float
    credential: str = "default"
    subject: str | None = None
    session: int = 0
    number: int = 0
    trouble: str = ""
    link: str = ""
    login: str = ""
    at_once: bool = False

    @property
    def operation(self) -> str:
        """The operation that was asked."""
        return self.request.operation

    @property
    def order(self) -> tuple[float, int]:
        """Its place among all that were asked, by when it began."""
        return self.start, self.number

    @property
    def status(self) -> int:
        """The answer's status code; 0 where there is no answer."""
        return 0 if self.answer is None else self.answer.status

    @property
    def succeeded(self) -> bool:
        """Whether the answer is a success (2xx)."""
        return self.answer is not None and 200 <= self.answer.status < 300
