"""What follows from a whole document though no entry says it: moves, credentials, links, one thing asked in two ways.

Each such belief is implied. It is derived only where something could break it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document import pointers
from pollspec.document.beliefs import foundation
from pollspec.document.conditions import show
from pollspec.document.keywords import Role
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor

GRAPH = "the document's stages say what may follow; an end lasts one poll interval at least"
ONE_THING = "it is one thing in one state; what is asked along with it says how much of that is answered"
ALLOWED = "the page documents the request, and no such refusal"
NO_END = "nothing on the page ends a login"
IN_WHOSE_NAME = "whoever reads an answer, or a log of it, could ask in the caller's name (RFC 9110, 17.16.1)"
NOBODY = "a link to nothing serves nobody"
ANOTHER = "another identifier names another thing, or none"


def of(vendor: Vendor) -> Iterator[Belief]:
    """What follows, operation by operation."""
    for operation in vendor.operations.values():
        yield from Consequences(vendor, operation).beliefs()


class Consequences:
    """What follows for one operation."""

    def __init__(self, vendor: Vendor, operation: Operation) -> None:
        self.vendor, self.operation = vendor, operation
        self.lifecycle = vendor.lifecycle_of(operation.id)
        self.view = vendor.view_of(operation.id)

    def beliefs(self) -> Iterator[Belief]:
        """All of it."""
        yield from self._moves()
        yield from self._identifiers()
        several = len(self.vendor.resting(self.operation)) > 1
        if self.view is not None and (several or self.vendor.optional(self.operation)):
            claim = "What is shown of one thing is the same, however it is asked for."
            yield self._belief("alike", "views", claim, ONE_THING, self._despite())
        if self.view is not None:
            claim = "A request that the page allows is not refused."
            yield self._belief("accepts", "allowed", claim, ALLOWED)
        if self.vendor.credentials.get("default"):
            if self.lifecycle is None or self.view is not None:  # no two starts are about one thing
                claim = "A login that was accepted is accepted throughout."
                yield self._belief("accepts", "login", claim, NO_END)
            claim = "A credential comes back in no answer."
            yield self._belief("keeps-secret", "credentials", claim, IN_WHOSE_NAME)
        yield from self._links()
        yield from self._redirects()
        yield from self._codes()

    def _moves(self) -> Iterator[Belief]:
        """The graph, as far as no stated belief has it; a move that begins a new instance breaks nothing."""
        lifecycle, operation = self.lifecycle, self.operation.id
        if lifecycle is None or self.view is None or lifecycle.renews:
            return
        told = {stage for _, stages in self.vendor.named(operation, Role.STAGE) for stage in stages}
        rest = [name for name in lifecycle.stages if name not in told and _can_be_left(lifecycle, operation, name)]
        if rest:
            says = {"of": lifecycle.name, "from": rest, **self._despite()}
            yield self._belief("lifecycle", "moves", "An instance goes from stage to stage as documented.", GRAPH, says)

    def _despite(self) -> dict[str, Any]:
        """What only somebody else's operation may break."""
        latest = self.view is not None and self.view.latest
        return {"despite": {"others-start": "whoever tests a server is alone on it as a rule"}} if latest else {}

    def _identifiers(self) -> Iterator[Belief]:
        if self.view is not None and not self.view.latest:
            claim = "An identifier that is nearly a known one shows nothing."
            yield self._belief("tells-apart", "identifiers", claim, ANOTHER)

    def _links(self) -> Iterator[Belief]:
        """Where a documented redirect leads; of what repeats an address that was asked, that is known."""
        for response in self.operation.responses:
            for name in response.headers if response.is_exact else ():
                if name.lower() == "location":
                    claim = f"The Location of {response.id} leads somewhere."
                    says = {"link": f"$response.header.{name}", "when": {"$statusCode": response.code}}
                    yield self._belief("leads", f"{response.id}.{name}", claim, NOBODY, says)

    def _redirects(self) -> Iterator[Belief]:
        """Where one redirect is documented, another is none of its kind."""
        for response in self.operation.responses:
            if response.is_exact and 300 <= response.code < 400:
                claim = f"The redirect is a {response.code} and no other."
                grade, words = foundation(response.node) or ("implied", "the page documents this redirect")
                yield self._belief("status", response.status, claim, words, {"status": response.code}, grade)

    def _codes(self) -> Iterator[Belief]:
        """Where a code of the vendor's own comes with one status, it comes with no other."""
        found: dict[str, list[tuple[int, Belief]]] = {}
        for belief in self.vendor.beliefs:
            if belief.operation == self.operation.id and "mentions" in belief.says:
                said = [belief.says["expect"]["$statusCode"]] if "$statusCode" in belief.says.get("expect", {}) else []
                several = [(status, belief) for status in said or belief.statuses if isinstance(status, int)]
                found.setdefault(str(belief.says["mentions"]), []).extend(several)
        for name, several in found.items():
            if len({status for status, _ in several}) == 1:
                yield from self._code(name, *several[0])

    def _code(self, name: str, status: int, stated: Belief) -> Iterator[Belief]:
        """The belief on one code, where a printed answer shows its place."""
        code = stated.says["mentions"]
        place = next(self._places(status, code), None)
        if place is not None and self._is_exact(status):
            says = {"status": status, "code": code, "at": place}
            yield self._belief(
                "status", name, f"The code {code} comes with {status}.", stated.words, says, stated.grade
            )

    def _places(self, status: int, code: Any) -> Iterator[str]:
        """Where the printed answer of a status has a code."""
        response = self.operation.response(status)
        for example in response.examples.values() if response else ():
            yield from (place for place, value in pointers.leaves(example) if show(value) == show(code))

    def _is_exact(self, status: int) -> bool:
        response = self.operation.response(status)
        return response is not None and response.is_exact

    def _belief(
        self,
        keyword: str,
        name: str,
        claim: str,
        words: str,
        says: Mapping[str, Any] | None = None,
        grade: str = "implied",
    ) -> Belief:
        where = self.vendor.document.at(*self.operation.place)
        return Belief(self.vendor.slug, self.operation.id, keyword, name, claim, grade, words, where, says or {})


def _can_be_left(lifecycle: Lifecycle, operation: str, stage: str) -> bool:
    """Whether an operation shows a stage, and another one that may not follow it within one poll interval."""
    shown = {name for name, one in lifecycle.stages.items() if operation in one.states}
    return stage in shown and not shown <= lifecycle.soon_after(frozenset({stage}), operation)
