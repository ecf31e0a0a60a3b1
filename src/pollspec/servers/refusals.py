"""What a polite server refuses: bad requests and bad credentials, as the document says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pollspec.document.conditions import Condition
from pollspec.document.keywords import Provoked
from pollspec.document.messages import Answer, Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.answers import Answers
from pollspec.servers.played import Played


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
        self.rules = {
            operation.id: [self._rule(operation, belief) for belief in vendor.provoked(operation.id, Provoked.REFUSAL)]
            for operation in vendor.operations.values()
        }

    def _rule(self, operation: Operation, belief: Belief) -> Rule:
        asked = [condition.of_request() for condition in self.vendor.recognises(belief)]
        credential = belief.says.get("credential", "default")
        documented = self.answers.documented(operation, belief)
        return Rule([condition for condition in asked if condition.clauses], credential, documented)

    def of(self, operation: Operation, request: Request) -> Answer | None:
        """The answer of the first refusal that speaks of a request, or of one that breaks a parameter's schema."""
        credential = self.vendor.credential_of(request) if operation.secured else "default"
        for rule in self.rules[operation.id]:
            if rule.speaks_of(request, credential):
                return rule.answer.answer(request, 1.0)
        if credential != "default":
            return self.answers.plain(401, {"message": "no credential", "success": False})
        return self._misfit(operation, request)

    def _misfit(self, operation: Operation, request: Request) -> Answer | None:
        """The documented refusal of a parameter that breaks its schema, where there is one."""
        headers = {parameter.name for parameter in operation.parameters if parameter.place == "header"}
        misfits = [name for name in self.vendor.misfits(request) if name not in headers]
        if not misfits:
            return None
        if (documented := operation.response(400)) is not None:
            return self.answers.played(operation, documented, {"status": 400}).answer(request, 1.0)
        return self.answers.plain(400, {"message": f"{misfits[0]} does not fit"})
