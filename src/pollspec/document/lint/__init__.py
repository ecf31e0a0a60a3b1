"""What is wrong with a document, each problem with its line: its form, what OpenAPI has, and what validators miss."""

from __future__ import annotations

from collections.abc import Iterator

from pollspec.document import form, names
from pollspec.document import source as document
from pollspec.document.lint import bodies, openapi, operations, places, schemas
from pollspec.document.reading import draft
from pollspec.document.source import Document, Problem
from pollspec.errors import DocumentError

LOOKS = (openapi.problems, operations.problems, schemas.problems, bodies.problems, names.stages)


def problems(name: str) -> list[str]:
    """The problems of a document, by name or path, as `path:line: what is wrong`."""
    try:
        return examine(document.read(name))
    except DocumentError as error:
        return [str(error.args[0])]


def examine(source: Document) -> list[str]:
    """The problems of a document that was read."""
    found = {(source.line(*place), text): None for place, text in _all(source)}
    return [f"{source.path}:{line}: {text}" for line, text in sorted(found, key=lambda problem: problem[0])]


def _all(source: Document) -> Iterator[Problem]:
    """Each kind of problem; where the form makes the rest unreadable, the rest waits until it is mended."""
    broken = [*operations.texts(source), *form.problems(source)]
    if broken:
        yield from broken
        return
    try:
        vendor = draft(source)
    except DocumentError as error:
        yield (), str(error.args[0]).removeprefix(f"{source.path} ")
        return
    found = [problem for look in LOOKS for problem in look(source)]
    found += list(names.problems(vendor)) or [*names.idle(vendor), *places.problems(vendor)]
    yield from found or [((), text) for text in openapi.beyond(source)]
