"""What a polite server refuses: bad requests and bad credentials, as the document says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pollspec.document.conditions import Condition
from pollspec.document.keywords import Provoked
from pollspec.document.messages import MISSING, Request
from pollspec.document.operations import Operation, Parameter
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.answers import Answers
from pollspec.servers.played import Played

STRANGERS = {
    "none": (401, "no credential", "invalid"),
    "invalid": (401, "a wrong credential", "none"),
    "unprivileged": (403, "no permission", ""),
}
"""How each credential is refused that the document says nothing of: status, words, and which one it is like."""

BODY = "$request.body"


@dataclass(frozen=True)
class Rule:
    """One documented refusal. `asked`: what recognises the requests it speaks of; none: those with its credential."""

    asked: Sequence[Condition]
    credential: str
    answer: Played

    def speaks_of(self, request: Request, credential: str) -> bool:
        """Whether it refuses a request that carries a credential."""
        if self.asked:
            return any(condition.holds(request) for condition in self.asked)
        return self.credential == credential


class Refusals:
    """The refusals of each operation, compiled once."""

    def __init__(self, vendor: Vendor, answers: Answers) -> None:
        self.vendor, self.answers = vendor, answers
        operations = vendor.operations.values()
        self.rules = {operation.id: list(self._rules(operation)) for operation in operations}
        self.strangers = {
            operation.id: {name: self._stranger(operation, name) for name in STRANGERS} for operation in operations
        }
        self.misfits = {operation.id: self._misfits(operation) for operation in operations}

    def of(self, operation: Operation, request: Request) -> Played | None:
        """The first refusal that speaks of a request, or that of a parameter which breaks its schema."""
        credential = self.vendor.signing.credential_of(request) if operation.secured else "default"
        for rule in self.rules[operation.id]:
            if rule.speaks_of(request, credential):
                return rule.answer
        if credential != "default":
            return self.strangers[operation.id][credential]
        known = self.misfits[operation.id]
        misfit = next((name for name in self.vendor.misfits(request) if name in known), None)
        return known[misfit] if misfit else None

    def _rules(self, operation: Operation) -> Iterator[Rule]:
        for belief in self.vendor.provoked(operation.id, Provoked.REFUSAL):
            asked = [condition.of_request() for condition in self.vendor.recognises(belief)]
            credential = belief.says.get("credential", "default")
            documented = self.answers.documented(operation, belief)
            yield Rule([condition for condition in asked if condition.clauses], credential, documented)

    def _stranger(self, operation: Operation, credential: str) -> Played:
        """How a credential is refused that no refusal speaks of: as one like it, or as its status is documented."""
        status, words, like = STRANGERS[credential]
        known = (rule.answer for rule in self.rules[operation.id] if rule.credential == like and not rule.asked)
        return next(known, None) or self._bare(operation, status, words)

    def _misfits(self, operation: Operation) -> dict[str, Played]:
        """How each parameter is refused that breaks its schema, and a body; headers are not."""
        view, nobody = self.vendor.view_of(operation.id), self._nobody(operation)
        found = {}
        for parameter in operation.parameters:
            if parameter.place != "header":
                whole = self._bare(operation, _misfit(operation), f"{parameter.name} does not fit")
                whole = nobody if nobody and view and parameter.expression in view.instance else whole
                found[parameter.name] = self._spoken_of(operation, parameter) or whole
        bodies = (
            belief for belief in self._refused(operation) if any("$request.body" in text for text in _sent(belief))
        )
        spoken_of = next((self.answers.documented(operation, belief) for belief in bodies), None)
        return {**found, "body": spoken_of or self._bare(operation, _misfit(operation), "the body does not fit")}

    def _spoken_of(self, operation: Operation, parameter: Parameter) -> Played | None:
        """The refusal that sends a parameter what does not fit, or leaves out what is required."""
        for belief in self._refused(operation):
            for sent in belief.says.get("sends", []):
                value = sent.get(parameter.expression, MISSING)
                lacks = parameter.required if value is None else False
                if value is not MISSING and (lacks or not self.vendor.fits(parameter.schema, str(value))):
                    return self.answers.documented(operation, belief)
        return None

    def _refused(self, operation: Operation) -> list[Belief]:
        return self.vendor.provoked(operation.id, Provoked.REFUSAL)

    def _nobody(self, operation: Operation) -> Played | None:
        """What is answered about a subject that never was."""
        for belief in self.vendor.provoked(operation.id, Provoked.ANSWER):
            subject = self.vendor.subjects.get(belief.says.get("subject", ""))
            if subject and subject.anywhere and not subject.path:
                return self.answers.documented(operation, belief)
        return None

    def _bare(self, operation: Operation, status: int, words: str) -> Played:
        """What is documented for a status; a few words, where nothing is."""
        documented = operation.response(status)
        body = {} if documented and documented.examples else {"body": {"message": words}}
        return self.answers.played(operation, documented, {"status": status, **body})


def _misfit(operation: Operation) -> int:
    """The status for what does not fit: 400 (RFC 9110, 15.5.1), or 422 (15.5.21) where that one is documented."""
    return next((status for status in (400, 422) if operation.response(status)), 400)


def _sent(belief: Belief) -> Iterator[str]:
    """The expressions of what a belief sends."""
    for sent in belief.says.get("sends", []):
        yield from sent
