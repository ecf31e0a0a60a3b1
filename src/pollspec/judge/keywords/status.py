"""`status`: what a status says belongs to it, and to no other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import same, show
from pollspec.document.keywords import Provoked
from pollspec.document.lifecycles import is_passing
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.judge.keywords.echoes import leads_to
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding

LOGIN = re.compile(r"log-?in|sign-?in|\bsso\b|saml|oauth|openid|\bcas\b|\badfs\b|\bauth", re.IGNORECASE)
"""What the address of a login has in it."""


class Judging(Monitor):
    """`success`: a 2xx is a documented one. `no-crash`: a 500 is a documented one. A redirect's number: it is no other.

    A code's number: what has that code has its status.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        kinds: dict[str, type[Monitor]] = {"success": _Success, "no-crash": _Crash}
        self.inner = kinds.get(self.belief.name, _Code if "code" in self.says else _Redirect)(*given)

    def see(self, sight: Sight) -> None:
        """As one of them sees it."""
        self.inner.see(sight)


class _Success(Monitor):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        operation = self.vendor.operations[self.belief.operation]
        successes = [response.status for response in operation.responses if response.is_success]
        self.documented = f"one of {', '.join(successes)}"

    def see(self, sight: Sight) -> None:
        """Look at a success."""
        if 200 <= sight.status < 300:
            if sight.asked.response(sight.status):
                self.tally.held()
            else:
                self.tally.found(Finding(self.documented, str(sight.status), sight.exchange))


class _Crash(Monitor):
    def see(self, sight: Sight) -> None:
        """Look at whether the server has failed."""
        if sight.answer is not None and not is_passing(sight.answer):
            if sight.status == 500 and not _is_as_printed(sight):
                self.tally.found(Finding("no 500, or a documented one", "500", sight.exchange))
            else:
                self.tally.held()


def _is_as_printed(sight: Sight) -> bool:
    """Whether a failure has the body that the document gives it, and so is an answer and no crash."""
    found = sight.asked.response(sight.status)
    if found is None or sight.answer is None or not isinstance(sight.answer.reading.value, dict):
        return False
    return not found.media or not sight.asked.bodies(found, sight.answer).breaches(sight.answer.reading, False)


class _Redirect(Monitor):
    """Another redirect is one of this kind if it leads where this one does: not to the same thing, nor to a login."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.code: int = self.says["status"]
        answers = self.vendor.provoked(self.belief.operation, Provoked.ANSWER)
        speaking = [b.says for b in answers if self.code in b.statuses]
        self.expected = [self.vendor.condition(says.get("expect")) for says in speaking]

    def see(self, sight: Sight) -> None:
        """Look at where a redirect leads."""
        if sight.status == self.code:
            self.tally.held()
        elif 300 <= sight.status < 400 and sight.answer is not None and sight.asked.response(sight.status) is None:
            location = expressions.value("$response.header.Location", sight.request, sight.answer)
            if location is not MISSING and self._leads_there(sight.request, sight.answer, str(location)):
                self.tally.found(Finding(str(self.code), f"{sight.status} to {location}", sight.exchange))

    def _leads_there(self, request: Request, answer: Answer, location: str) -> bool:
        path = request.target.partition("?")[0]
        if leads_to(location, path) or LOGIN.search(location):
            return False
        as_documented = replace(answer, status=self.code)
        return all(condition.holds(request, as_documented) for condition in self.expected)


class _Code(Monitor):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.status, self.code, self.at = (self.says[word] for word in ("status", "code", "at"))

    def see(self, sight: Sight) -> None:
        """Look at what a refusal that has the code has for a status."""
        if sight.answer is None or sight.status < 400 or not isinstance(sight.answer.reading.value, Mapping):
            return
        code = pointers.get(sight.answer.reading.value, self.at)
        if code is not MISSING and same(code, self.code):
            if sight.status == self.status:
                self.tally.held()
            else:
                actual = f"{sight.status} with {self.at} {show(code)}"
                self.tally.found(Finding(f"{self.status} with it", actual, sight.exchange))
