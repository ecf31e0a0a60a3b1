"""What must not be shown of traffic that others made: credentials, cookies, and fields that a document keeps secret."""

from __future__ import annotations

import copy
import json
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace

from ..grammar import expressions, pointers
from ..masks import SHORTEST, Masks
from ..messages import Headers, Request
from ..vendor import Operation, Vendor

LOOKS_SECRET = re.compile(
    r"authorization|\bauth\b|token|secret|session|passw|credential|cookie|signature|csrf|xsrf|api-?_?key", re.IGNORECASE
)
SHORTEST_RECURRING = 8
"""Characters. A shorter cookie, or value of an undocumented header, is hidden where it stands and nowhere else."""


def documented(vendor: Vendor) -> frozenset[str]:
    """The names of the headers, cookies and query parameters that carry a documented credential, in lower case."""
    own = {expressions.parse(text).name for headers in vendor.credentials.values() for text in headers}
    schemes = vendor.components.get("securitySchemes", {}).values()
    return frozenset(name.lower() for name in own | {scheme.get("name", "Authorization") for scheme in schemes})


def is_secret(name: str, operation: Operation, credentials: frozenset[str]) -> bool:
    """Whether a header or a query parameter carries a credential, or looks as if it did."""
    parameters = {parameter.name.lower() for parameter in operation.parameters}
    plain = name.lower() in parameters and name.lower() not in credentials
    return name.lower() in credentials or (bool(LOOKS_SECRET.search(name)) and not plain)


class Hiding:
    """Learns the secrets of each request, so that `masks` knows them; what is too short for that is taken out."""

    def __init__(self, vendor: Vendor, masks: Masks) -> None:
        self.vendor, self.masks = vendor, masks
        self.credentials = documented(vendor)
        self._labels: dict[str, dict[str, str]] = {}

    def hide(self, request: Request) -> Request:
        """The request with its short secrets replaced; the long ones are masked from now on."""
        operation = self.vendor.operations[request.operation]
        for name, value in request.query.items():
            if is_secret(name, operation, self.credentials):
                self._learn(value, name, SHORTEST)
        headers = tuple((name, self._header(name, value, operation)) for name, value in request.headers)
        return replace(request, headers=headers, content=self._content(request))

    def cookies_of(self, headers: Headers) -> None:
        """Learn the cookies that an answer sets."""
        for name, value in headers:
            if name.lower() == "set-cookie":
                self._learn(value.split(";")[0].partition("=")[2], "cookie", SHORTEST_RECURRING)

    def _header(self, name: str, value: str, operation: Operation) -> str:
        if not is_secret(name, operation, self.credentials):
            return value
        if name.lower() == "cookie":
            for pair in value.split(";"):
                self._learn(pair.partition("=")[2].strip(), "cookie", SHORTEST_RECURRING)
        shortest = SHORTEST if name.lower() in self.credentials | {"authorization"} else SHORTEST_RECURRING
        return value if self._learn(value, name, shortest) else f"<{name}>"

    def _content(self, request: Request) -> bytes:
        body = copy.deepcopy(request.body)
        short = False
        for text in self._fields(request.operation):
            value = expressions.value(text, request)
            if isinstance(value, str) and value and not self._learn(value, expressions.parse(text).name[1:], SHORTEST):
                pointers.put(body, expressions.parse(text).name, "<secret>")
                short = True
        return json.dumps(body).encode() if short else request.content

    def _fields(self, operation: str) -> Iterator[str]:
        for belief in self.vendor.beliefs:
            if belief.keyword == "keeps-secret" and belief.operation == operation:
                yield belief.says["field"]

    def _learn(self, value: str, name: str, shortest: int) -> bool:
        """Keep a value secret from now on, unless it is too short to be told from ordinary text."""
        scheme, _, token = value.partition(" ")
        secret = token if token and scheme.isalpha() and len(scheme) <= 8 else value
        if len(secret) < shortest:
            return False
        known = self._labels.setdefault(name.lower(), {})
        label = known.setdefault(value, name if not known else f"{name} {len(known) + 1}")
        self.masks.add(value, label)
        self.masks.add(urllib.parse.unquote(value), label)
        return True
