"""Which credential and which subject a request was made with, as far as that can be told from outside.

A name is given only where a belief that speaks of it may then be judged without a false alarm. Settings (a target
file's, or a polite server's test cards) name what they know. Beyond them:

default     a whole documented credential, and it was not refused; or nothing that tells otherwise
none        no credential at all, where everything that was sent is known
unknown     anything else: no belief about credentials is judged on it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import same
from pollspec.document.keywords import Provoked
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.doors.secrets import documented, is_secret
from pollspec.trial.target import Given, Settings

UNKNOWN = "unknown"
REFUSED = frozenset({401, 403, 407})


class Recognition:
    """Names credentials and subjects, by a document and by settings that know some."""

    def __init__(self, vendor: Vendor, settings: Settings | None = None) -> None:
        self.vendor, self.settings = vendor, settings or Settings()
        self.names = documented(vendor)

    def subject(self, request: Request) -> str | None:
        """The subject whose identifier a request gives; one that serves anywhere is known without settings."""
        operation = self.vendor.operations[request.operation]
        for name, subject in self.vendor.subjects.items():
            known = [subject.given] if subject.anywhere else []
            for given in self.settings.subjects.get(name, known) if self.vendor.applies(subject, operation) else []:
                if given and _gives(request, given):
                    return name
        return None

    def credential(self, request: Request, answer: Answer | None, told: bool) -> str:
        """The name of a request's credential. `told`: whether all that was sent is known."""
        operation = self.vendor.operations[request.operation]
        if named := self._named(request):
            return named
        carried = {name.lower() for name, value in request.headers if value}
        shown = {name for name in [*carried, *request.query] if is_secret(name, operation, self.names)}
        if operation.secured and not shown and told:
            return "none"
        partial = operation.secured and not any(whole <= shown for whole in self._wholes(operation))
        if any(self._is_spoken_of(belief, request, partial) for belief in self._refusals(operation)):
            return "default" if told and shown and shown <= self.names else UNKNOWN
        return UNKNOWN if self._was_refused(operation, request, answer) else "default"

    def _named(self, request: Request) -> str:
        """The credential of the settings that a request carries; a subject's own header may take a value's place."""
        givens = [given for several in self.settings.subjects.values() for given in several]
        for name, wanted in self.settings.credentials.items():
            for given in ({}, *givens):
                texts = {**wanted, **{text: value for text, value in given.items() if text in wanted}}
                if texts and _gives(request, texts):
                    return name
        return ""

    def _wholes(self, operation: Operation) -> Iterator[frozenset[str]]:
        """The sets of headers that make a whole credential: the document's own, and each way its security names."""
        for headers in self.vendor.credentials.values():
            yield frozenset(expressions.parse(text).name.lower() for text in headers)
        schemes = self.vendor.components.get("securitySchemes", {})
        for way in operation.node.get("security", self.vendor.document.content.get("security", [])):
            yield frozenset(schemes.get(name, {}).get("name", "Authorization").lower() for name in way)

    def _refusals(self, operation: Operation) -> Iterator[Belief]:
        return iter(self.vendor.provoked(operation.id, Provoked.REFUSAL))

    def _is_spoken_of(self, belief: Belief, request: Request, partial: bool) -> bool:
        """Whether a belief speaks of a request for a header of its credential: a missing one, or a certain value."""
        if belief.says.get("credential", "default") != "default":
            return False
        return any(
            (partial if clause is False else clause is not True) and self._is_of_credential(text)
            for condition in self.vendor.recognises(belief)
            if condition.of_request().holds(request)
            for text, clause in condition.clauses.items()
        )

    def _is_of_credential(self, text: str) -> bool:
        return text.startswith("$request.header.") and expressions.parse(text).name.lower() in self.names

    def _was_refused(self, operation: Operation, request: Request, answer: Answer | None) -> bool:
        """Whether an answer refuses the credential: by its status, or in the words documented for want of a right."""
        if answer is None or answer.status in REFUSED:
            return answer is not None
        return any(
            belief.says.get("credential") == "unprivileged" and self._in_these_words(belief, request, answer)
            for belief in self._refusals(operation)
        )

    def _in_these_words(self, belief: Belief, request: Request, answer: Answer) -> bool:
        expect: Mapping[str, Any] = belief.says.get("expect", {})
        says_something = any(clause is not False and "body" in text for text, clause in expect.items())
        return says_something and self.vendor.condition(expect).holds(request, answer)


def _gives(request: Request, given: Given) -> bool:
    """Whether a request gives each of some values."""
    return all(
        (value := expressions.value(text, request)) is not MISSING and same(value, wanted)
        for text, wanted in given.items()
    )
