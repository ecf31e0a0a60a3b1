"""Which requests provoke a belief: the small exhaustive set that is sent before anything is made up."""

from __future__ import annotations

import json
import random
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .grammar import expressions, pointers
from .grammar.conditions import same
from .grammar.lifecycles import Start
from .messages import MISSING, Request
from .target import LEFT_OUT, Given, Target
from .trace import Exchange
from .vendor import Belief, Operation, Vendor


@dataclass(frozen=True)
class Recipe:
    """One telling request. `belief`: the one that asks for it; `values`: what it sends, by expression."""

    belief: Belief
    values: Mapping[str, Any]
    request: Request
    credential: str
    subject: str | None


def build(vendor: Vendor, operation: Operation, values: Mapping[str, Any], body: Any = None) -> Request:
    """A request of an operation. `values`: runtime expression -> value; null leaves the thing out.

    What is not given comes from the document: required parameters and the body from their examples.
    """
    path: dict[str, str] = {p.name: str(p.example) for p in operation.parameters if p.place == "path"}
    query = {p.name: str(p.example) for p in operation.parameters if p.place == "query" and p.required}
    media = next((media for r in operation.responses if r.status < "4" for media in r.media), "application/json")
    headers: dict[str, Any] = {"Accept": media, "Accept-Encoding": "gzip"}
    content = json.loads(json.dumps(operation.body if body is None else body)) if operation.bodies else MISSING
    if operation.bodies:
        headers["Content-Type"] = next(iter(operation.bodies))
    for text, value in values.items():
        expression = expressions.parse(text)
        match expression.place:
            case "path":
                path[expression.name] = str(value)
            case "query":
                query.pop(expression.name, None)
                query |= {} if value is None else {expression.name: str(value)}
            case "header":
                headers[expression.name] = LEFT_OUT if value is None else str(value)
            case _:
                pointers.put(content, expression.name, MISSING if value is None else value)
    return request(operation, path, query, headers, content)


def request(
    operation: Operation, path: Mapping[str, str], query: Mapping[str, Any], headers: Mapping[str, str], content: Any
) -> Request:
    """A request from its parts, encoded."""
    target = operation.path
    for name, value in path.items():
        target = target.replace(f"{{{name}}}", urllib.parse.quote(value, safe=""))
    if query:
        target += "?" + urllib.parse.urlencode(query, doseq=True)
    raw = b"" if content is MISSING else json.dumps(content).encode()
    return Request(operation.id, operation.method, target, dict(path), tuple(headers.items()), raw)


def minted(start: Start, exchange: Exchange) -> dict[str, str | int] | None:
    """What a start has handed out, by where it is asked for; None where it failed, or gave no identifier."""
    given = {to: expressions.value(text, exchange.request, exchange.answer) for text, to in start.mints.items()}
    return given if exchange.succeeded and all(isinstance(value, str | int) for value in given.values()) else None


def recipes(target: Target, belief: Belief) -> Iterator[Recipe]:
    """The requests that provoke a belief at a target; none where something for it is lacking."""
    says, vendor = belief.says, target.vendor
    operation = vendor.operations[belief.operation]
    credential = says.get("credential", "default")
    never_was = "subject" in says and not vendor.subjects[says["subject"]].path
    wanted = says.get("sends") or ([{}, {}] if never_was else [])  # twice: to be asked about makes nothing exist
    if not wanted or not target.has(credential) or not may_write(target, operation):
        return
    if credential == "invalid" and not target.settings.try_wrong_logins:
        return
    subject, known = identified(target, operation, says.get("subject"))
    given = known or {}
    if credential != "default":
        signed = {text for headers in vendor.credentials.values() for text in headers}
        given = {text: value for text, value in given.items() if text not in signed}
    body = target.settings.bodies.get(operation.id)
    logins = {text for headers in vendor.credentials.values() for text in headers}
    for sends in wanted:
        if not target.settings.try_wrong_logins and any(sends.get(text) is not None for text in logins):
            continue
        if (
            credential == "invalid"
            and not target.embedded
            and any(e.credential == credential for e in target.exchanges)
        ):
            return  # one wrong login a run, which serves every belief: accounts get locked
        if known is None and ("subject" in says or not is_complete(operation, sends)):
            continue
        intact = subject if not set(sends) & set(given) else None
        values = {**given, **sends}
        yield Recipe(belief, values, build(vendor, operation, values, body), credential, intact)


def may_write(target: Target, operation: Operation) -> bool:
    """Whether an operation may be asked: what starts something needs leave, and a body that is not the document's."""
    if not operation.writes:
        return True
    settings = target.settings
    return settings.allow_writes and (settings.polite or not operation.bodies or operation.id in settings.bodies)


def identified(target: Target, operation: Operation, wanted: str | None = None) -> tuple[str | None, Given | None]:
    """A subject to ask about, with its identifier: the wanted one, or one that has ended. None if there is none.

    An operation without identifiers is asked as it is.
    """
    vendor = target.vendor
    names = [wanted] if wanted else [name for name, subject in vendor.subjects.items() if subject.path]
    for name in names:
        for given in target.given(name, operation):
            if not is_precious(target, given):
                return name, given
    return (None, {}) if wanted is None and is_complete(operation, ()) else (None, None)


def is_complete(operation: Operation, sends: Iterable[str]) -> bool:
    """Whether what is sent holds every identifier that an operation needs, so that no subject is wanted."""
    return {parameter.expression for parameter in operation.parameters if parameter.required} <= set(sends)


def is_precious(target: Target, given: Given) -> bool:
    """Whether an identifier may be of an operation still under way: those are followed, and spent on nothing else."""
    return not target.embedded and tuple(given.items()) in target.running


def concerns_precious(target: Target, request: Request) -> bool:
    """Whether a request happens to be about such an identifier: a document's example may name what is running."""
    return not target.embedded and any(
        all(same(expressions.value(text, request), value) for text, value in given) for given in target.running
    )


class Secrets:
    """Long random values for fields that must never come back; repeatable by seed."""

    def __init__(self, target: Target, seed: int) -> None:
        self.target, self.random = target, random.Random(seed)

    def fresh(self, label: str) -> str:
        """A new one, masked from now on."""
        value = f"pollspec-{self.random.getrandbits(128):032x}"
        self.target.masks.add(value, label)
        return value
