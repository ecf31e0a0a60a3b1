"""The beliefs of a document: those that x-contract states, and those that OpenAPI's own words imply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document.conditions import fits
from pollspec.document.keywords import GRADES, KEYWORDS
from pollspec.document.operations import Operation, Response
from pollspec.document.schemas import Schemas
from pollspec.document.source import Document
from pollspec.document.vendor import Belief

Foundation = tuple[str, str]
"""What an entry rests on: its grade, and the words."""

NO_OTHER = ("implied", "the page prints no other success")
NO_CRASH = ("implied", "500 says that the server failed, and the page documents no such answer")
PRINTED = ("implied", "the page prints this answer")
UNAMBIGUOUS = (
    "implied",
    "RFC 8259: names that stand twice, or a byte order mark, are read differently by different readers",
)


KINDS: tuple[Any, ...] = (None, 42.5, {}, "pollspec", [])
"""A value of each kind."""
ODD = ("http://[", "pollspec", "-1", "2.5", "-" * 300)
"""Texts of a header, one of which hardly any schema allows but one that allows every text."""


def foundation(node: Mapping[str, Any]) -> Foundation | None:
    """What an entry rests on, by `source`, `x-source` and their like; None if it says nothing."""
    for grade in GRADES:
        for key in (grade, f"x-{grade}"):
            if key in node:
                words = node[key]
                return grade, " ... ".join(map(str, words)) if isinstance(words, list) else str(words)
    return None


def stated(source: Document, operation: Operation) -> Iterator[Belief]:
    """The beliefs of an operation's x-contract."""
    written = operation.node.get("x-contract", {}).items()
    for keyword, name, node in ((word, *entry) for word, named in written for entry in named.items()):
        if keyword in KEYWORDS:
            where = source.at(*operation.place, "x-contract", keyword, name)
            says = {key: value for key, value in node.items() if key not in {"claim", *GRADES}}
            rests = foundation(node) or PRINTED
            yield Belief(source.slug, operation.id, keyword, name, node["claim"], *rests, where, says)


def derived(source: Document, operation: Operation, schemas: Schemas) -> Iterator[Belief]:
    """The beliefs on an operation's statuses, media types, headers and schemas; of one id, the first."""
    seen: set[tuple[str, str]] = set()
    for belief in Derivation(source, operation, schemas).beliefs():
        if (belief.keyword, belief.name) not in seen:
            seen.add((belief.keyword, belief.name))
            yield belief


class Derivation:
    """The beliefs that follow from one operation's responses."""

    def __init__(self, source: Document, operation: Operation, schemas: Schemas) -> None:
        self.source, self.operation, self.schemas = source, operation, schemas

    def beliefs(self) -> Iterator[Belief]:
        """All of them; several may have one id."""
        there = self.operation.place
        if self._limits_success():
            yield self._belief("status", "success", "A success has a documented status.", self._success(), *there)
        yield self._belief("status", "no-crash", "Only a documented failure answers 500.", NO_CRASH, *there)
        for response in self.operation.responses:
            rests = foundation(response.node) or PRINTED
            yield from self._body(response, rests)
            yield from self._properties(response, rests)
        if any(response.media for response in self.operation.responses):
            claim = "A JSON body is read alike by every reader."
            yield self._belief("response", "unambiguous", claim, UNAMBIGUOUS, *there)

    def _limits_success(self) -> bool:
        """Whether there is a success that is documented, and one that is not."""
        statuses = {response.status.upper() for response in self.operation.responses}
        return self.operation.success is not None and not statuses & {"2XX", "DEFAULT"}

    def _success(self) -> Foundation:
        """What the statuses of success rest on: a sentence that names one, if there is one."""
        found = [(response, foundation(response.node)) for response in self.operation.responses if response.is_success]
        return next((rests for response, rests in found if rests and response.status in rests[1]), NO_OTHER)

    def _body(self, response: Response, rests: Foundation) -> Iterator[Belief]:
        """The body as a whole, the headers, the samples."""
        name, there = response.id, response.place
        if response.media:
            claim = f"{name} has a readable body in {' or '.join(response.media)}."
            yield self._belief("response", name, claim, rests, *there)
        for header, node in response.headers.items():
            if node.get("required") or self._limits(node.get("schema", True)):
                claim = f"{name} has a {header} header."
                yield self._belief("header", f"{name}.{header}", claim, foundation(node) or rests, *there)
        for example in response.examples if self._limits_body(response) else ():
            sample = f"{name}.{example}"
            claim = f"The sample {sample} satisfies its schema, its model and every belief."
            yield self._belief("sample", sample, claim, rests, *there)

    def _limits(self, schema: Any) -> bool:
        """Whether some text of a header does not fit a schema."""
        valid = self.schemas.validator(schema).is_valid
        return not all(fits(valid, text) for text in ODD)

    def _limits_body(self, response: Response) -> bool:
        """Whether some body does not fit the schema of a response: its sample could be wrong."""
        schemas = [response.schema, *(found.node for found in self.schemas.properties(response.schema))]
        return any(not self.schemas.validator(one).is_valid(body) for one in schemas for body in KINDS)

    def _properties(self, response: Response, rests: Foundation) -> Iterator[Belief]:
        """Every property that the body's schemas declare."""
        for schema in {id(schema): schema for schema in response.media.values()}.values():
            root = [layer.node for layer in self.schemas.layers(schema)]
            for found in self.schemas.reach(schema):
                own = [layer.node for layer in self.schemas.layers(found.node, found.id) if layer.certain]
                words = (foundation(node) for node in (*own, *found.above, *root))
                said = next((node["description"] for node in own if node.get("description")), "as documented.")
                place = self.source.place(found.declared) or self.source.place(found.owner_node) or response.place
                claim = f"{found.id}: {said}"
                yield self._belief("schema", found.id, claim, next(filter(None, words), rests), *place)

    def _belief(self, keyword: str, name: str, claim: str, rests: Foundation, *place: str | int) -> Belief:
        where = self.source.at(*place)
        return Belief(self.source.slug, self.operation.id, keyword, name, claim, *rests, where, {})
