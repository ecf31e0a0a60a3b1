"""What openapi-spec-validator finds in a document, with the line where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document.source import Document, Problem, follow
from pollspec.errors import nearest

LONGEST = 300
"""Characters of an error in its words."""
UNEXPECTED = ("unevaluatedProperties", "additionalProperties")


def problems(source: Document) -> Iterator[Problem]:
    """The errors of OpenAPI's own schema; what it says beyond that has no place, and is told if it is all there is."""
    from openapi_spec_validator import OpenAPIV31SpecValidator  # takes a third of a second, and only lint needs it

    validator = OpenAPIV31SpecValidator(source.content)
    for error in validator.schema_validator.iter_errors(source.content):
        node, place = follow(source.content, list(error.absolute_path))
        words = list(_unexpected(error, node))
        yield from (((*place, word), text) for word, text in words)
        if not words:
            text = re.sub(r'^"(.*)" is a required property$', r"\1 is missing", shortened(str(error.message)))
            plain = list(error.schema_path)[-1:] in (["const"], ["enum"], ["type"], ["format"])
            yield place, f"{place[-1]}: {text}" if plain and place else text


def beyond(source: Document) -> Iterator[str]:
    """What it finds beyond OpenAPI's own schema: no error of it has a place."""
    from openapi_spec_validator import OpenAPIV31SpecValidator

    validator = OpenAPIV31SpecValidator(source.content)
    try:
        yield from (shortened(str(error.message)) for error in validator.root_validator(validator.schema_path))
    except (RecursionError, LookupError, TypeError, AttributeError, ValueError):  # it cannot read all that is legal
        return


def shortened(message: str) -> str:
    """The first line of an error; of a very long one its beginning, and its end, which says what is wrong."""
    line = message.splitlines()[0]
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 3]} ... {line[-LONGEST // 3 :]}"


def _unexpected(error: Any, node: Any) -> Iterator[tuple[str, str]]:
    """The words that have no place in an object, each with what it may have been meant for."""
    path = list(error.schema_path)
    if not path or path[-1] not in UNEXPECTED or not isinstance(node, Mapping):
        return
    there: Any = error.schema
    for token in path[:-1]:
        there = there.get(token, {}) if isinstance(there, Mapping) else {}
    known = (there or error.schema).get("properties", {})
    for word in node:
        if f"'{word}'" in str(error.message).splitlines()[0] and not word.startswith("x-"):
            is_status = path[:2] == ["$defs", "responses"]
            yield word, f"{word!r} is no status code" if is_status else f"unknown word {word!r}: {nearest(word, known)}"
