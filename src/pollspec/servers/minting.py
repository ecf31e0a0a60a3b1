"""New identifiers, each another one, the same in every run; they fit where they are told and asked for."""

from __future__ import annotations

import itertools
import random
import re
import string
import urllib.parse
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import rstr

from pollspec.document import expressions, pointers
from pollspec.document.lifecycles import Start
from pollspec.document.shapes import Node
from pollspec.document.vendor import Vendor
from pollspec.servers.showing import laid_over

TRIES = 1000
"""Texts of a pattern that are made at most for one that fits otherwise as well, and is a new one."""
PLAIN = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]+")
"""What stands in a path as it is (RFC 3986, 3.3)."""
ALIKE = {**dict.fromkeys(string.digits, string.digits), **dict.fromkeys(string.ascii_lowercase, "0123456789abcdef")}
"""A character of a printed identifier -> what stands in its place in one that looks alike."""
ORIGIN = "https://pollspec.invalid"
"""What stands before the path of a link that must be absolute: what follows it keeps to the server that it knows."""
ENOUGH = 8
"""Characters of which so many alike can be made that each is another one."""


class Minting:
    """The identifiers of what an operation starts, one after the other."""

    def __init__(self, vendor: Vendor, start: Start) -> None:
        self.vendor, self.start = vendor, start
        self.schemas = [schema for schema in self._schemas() if schema]
        self.said = [vendor.schemas.resolve(schema)[1] for schema in self.schemas]
        self.numbers = itertools.count(1)
        self.given = {str(value) for subject in vendor.subjects.values() for value in subject.given.values()}

    def new(self) -> str | int:
        """Another identifier; where nothing is found that fits, a GUID."""
        number = next(self.numbers)
        guid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.vendor.slug} {number}"))
        drawn = random.Random(f"{self.vendor.slug} {number}")
        texts = (one for one in self._candidates(number, guid, drawn) if str(one) not in self.given and self._fits(one))
        found = next((one for one in texts if PLAIN.fullmatch(str(one))), guid)
        self.given.add(str(found))
        return found

    def handed_out(self, minted: str | int) -> Mapping[str, Any]:
        """What a start plays: a new identifier wherever it is told, with the text around it."""
        own = {parameter.expression for parameter in self.vendor.operations[self.start.operation].parameters}
        plays: dict[str, Any] = {"header": {}}
        for value, text in self.start.mints.items():
            told: Any = minted
            if not text.startswith("$"):
                told = f"{self.vendor.base_path}{text}" if text.startswith("/") else text
                for place in set(expressions.asked_for(text)) - own:
                    told = told.replace(f"{{{place}}}", str(minted))
                if text.startswith("/"):
                    told = self._address(value, told)
            where = expressions.parse(value)
            if where.place == "header":
                plays["header"][where.name] = told
            elif where.side == "response":
                plays[where.name] = told
        return laid_over(plays, self.start.plays)

    def _address(self, told: str, path: str) -> str:
        """A link to a path of the document; with an origin, where the schema of the place it is told in wants one."""
        success, expression = self.vendor.operations[self.start.operation].success, expressions.parse(told)
        if success is None:
            return path
        headers = {name.lower(): header.get("schema") for name, header in success.headers.items()}
        declared = self.vendor.schemas.declares(success.schema, told) if success.media else None
        schema = headers.get(expression.name.lower()) or (declared.node if declared else None)
        absolute = urllib.parse.urljoin(ORIGIN, path)
        wanted = schema and not self.vendor.fits(schema, path) and self.vendor.fits(schema, absolute)
        return absolute if wanted else path

    def _schemas(self) -> Iterator[Node | None]:
        """The schemas of where an identifier is told, and of where it is asked for."""
        operations = self.vendor.operations
        for told, asked in self.start.mints.items():
            success = operations[self.start.operation].success
            found = self.vendor.schemas.declares(success.schema, told) if success and asked.startswith("$") else None
            yield found.node if found else None
            places = expressions.asked_for(asked)
            yield from (p.schema for one in operations.values() for p in one.parameters if p.expression in places)

    def _fits(self, value: str | int) -> bool:
        return all(self.vendor.compiled(schema).is_valid(value) for schema in self.schemas)

    def _candidates(self, number: int, guid: str, drawn: random.Random) -> Iterator[str | int]:
        """What may fit, the likeliest first: a text of the pattern, one like the printed one, a GUID, a number."""
        for pattern in dict.fromkeys(said["pattern"] for said in self.said if "pattern" in said):
            yield from itertools.islice(_matching(pattern, drawn), TRIES)
        if not any(said.get("format") == "uuid" for said in self.said):
            several = range(number, number + len(self.given) + 1)
            yield from (_alike(text, more, drawn) for text in self._printed() for more in several)
        yield guid
        least = max([said.get("minimum", said.get("exclusiveMinimum", 0)) for said in self.said], default=0)
        step = max([int(said.get("multipleOf", 1)) for said in self.said], default=1) or 1
        yield from (-(-int(least) // step) * step + step * more for more in range(number, number + TRIES))
        digits = f"{drawn.getrandbits(1024):0256x}"
        yield from (digits[: said["maxLength"]] for said in self.said if "maxLength" in said)
        yield from (digits[: said["minLength"]] for said in self.said if "minLength" in said)

    def _printed(self) -> Iterator[str]:
        """The identifiers that the document prints, where they are asked for and where they are told."""
        operations = self.vendor.operations
        success = operations[self.start.operation].success
        examples = success.examples.values() if success else ()
        for told, asked in self.start.mints.items():
            places = expressions.asked_for(asked)
            found = [p.example for one in operations.values() for p in one.parameters if p.expression in places]
            if asked.startswith("$") and expressions.parse(told).place == "body":
                found += [pointers.get(example, expressions.parse(told).name) for example in examples]
            yield from (value for value in found if isinstance(value, str))


def _matching(pattern: str, drawn: random.Random) -> Iterator[str]:
    """Texts that match a pattern; none where Python cannot read it."""
    made: Any = rstr.Rstr(drawn)
    while True:
        try:
            yield made.xeger(pattern)
        except (re.error, RecursionError, ValueError, KeyError, NotImplementedError):
            return


def _alike(text: str, number: int, drawn: random.Random) -> str:
    """A text like a printed one: what stands before its last separator stays; "" where too little is left to change."""
    before = re.match(r".*[_.:-]", text, re.DOTALL)
    kept = before[0] if before else ""
    rest = text[len(kept) :]
    if rest.isdecimal():
        return kept + str(int(rest) + number).zfill(len(rest))
    changed = "".join(drawn.choice(ALIKE.get(letter, letter)) for letter in rest)
    return kept + changed if len(rest) >= ENOUGH and not rest.isalpha() else ""
