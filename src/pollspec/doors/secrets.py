"""What must not be shown of traffic that others made: credentials, cookies, and fields that a document keeps secret."""

from __future__ import annotations

import copy
import functools
import json
import re
from dataclasses import replace
from typing import NamedTuple

from pollspec.document import expressions, pointers
from pollspec.document.messages import Request
from pollspec.document.operations import Operation
from pollspec.document.vendor import Vendor
from pollspec.masks import PART, SHORTEST, Masks, secret_of

LOOKS_SECRET = re.compile(
    r"authorization|\bauth\b|token|secret|session|passw|credential|cookie|signature|csrf|xsrf|api-?_?key", re.IGNORECASE
)


def documented(vendor: Vendor) -> frozenset[str]:
    """The names of the headers, cookies and query parameters that carry a documented credential, in lower case."""
    own = {expressions.parse(text).name for text in vendor.signing.places}
    schemes = vendor.components.get("securitySchemes", {}).values()
    return frozenset(name.lower() for name in own | {scheme.get("name", "Authorization") for scheme in schemes})


def is_secret(name: str, operation: Operation, credentials: frozenset[str]) -> bool:
    """Whether a header or a query parameter carries a credential, or looks as if it did."""
    parameters = {parameter.name.lower() for parameter in operation.parameters}
    plain = name.lower() in parameters and name.lower() not in credentials
    return name.lower() in credentials or (bool(LOOKS_SECRET.search(name)) and not plain)


@functools.lru_cache(maxsize=1000)
def once(header: tuple[str, str]) -> tuple[str, str]:
    """A header, kept once however often it recurs: the judge remembers an exchange of each instance."""
    return header


class Hiding:
    """Learns the secrets of each request, so that `masks` knows them; what is too short for that is taken out."""

    def __init__(self, vendor: Vendor, masks: Masks) -> None:
        self.vendor, self.masks = vendor, masks
        self.credentials = documented(vendor)

    def hide(self, request: Request) -> Request:
        """The request with its short secrets replaced; the long ones are masked from now on."""
        operation = self.vendor.operations[request.operation]
        for name, value in request.query.items():
            if is_secret(name, operation, self.credentials):
                self._learn(value, name, SHORTEST)
        headers = tuple(once((name, self._header(name, value, operation))) for name, value in request.headers)
        return replace(request, headers=headers, content=self._content(request))

    def _header(self, name: str, value: str, operation: Operation) -> str:
        if not is_secret(name, operation, self.credentials):
            return value
        if name.lower() == "cookie":
            for pair in value.split(";"):
                self._learn(pair.partition("=")[2].strip(), "cookie", PART)
        shortest = SHORTEST if name.lower() in self.credentials | {"authorization"} else PART
        return value if self._learn(value, name, shortest) else f"<{name}>"

    def _content(self, request: Request) -> bytes:
        body = copy.deepcopy(request.body)
        short = False
        for text in self.vendor.secrets(request.operation):
            value = expressions.value(text, request)
            if isinstance(value, str) and value and not self._learn(value, expressions.parse(text).name[1:], SHORTEST):
                pointers.put(body, expressions.parse(text).name, "<secret>")
                short = True
        return json.dumps(body).encode() if short else request.content

    def _learn(self, value: str, name: str, shortest: int) -> bool:
        """Keep a value secret from now on, unless it is too short to be told from ordinary text."""
        if len(secret_of(value)) < shortest:
            return False
        self.masks.add_one_of(value, name)
        return True


class Secret(NamedTuple):
    """A value that is to be kept secret. `moment`: when it was first seen, and as which one of its exchange."""

    moment: tuple[float, int]
    rank: int
    value: str
    name: str


class Noting(Masks):
    """Masks of a part: the whole's are made of what is noted here, so that placeholders are numbered over all parts."""

    def __init__(self) -> None:
        super().__init__()
        self._moment, self._rank = (0.0, 0), 0
        self._first: dict[str, Secret] = {}

    def look(self, moment: tuple[float, int]) -> None:
        """An exchange is looked at: its place in the order of the whole."""
        self._moment, self._rank = moment, 0

    def add_one_of(self, value: str, name: str) -> None:
        """Note a secret; of those that are the same, the first counts."""
        self._rank += 1
        secret = Secret(self._moment, self._rank, value, name)
        if (before := self._first.get(secret_of(value))) is None or secret[:2] < before[:2]:
            self._first[secret_of(value)] = secret

    def noted(self) -> list[Secret]:
        """All secrets of the part."""
        return sorted(self._first.values())
