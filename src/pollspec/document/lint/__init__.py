"""What is wrong with a document, each problem with its line: its form, what OpenAPI has, and what validators miss.

An error is what can't be judged, or is judged otherwise than its author means. Style is anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pollspec.document import excuses, form, names
from pollspec.document import source as document
from pollspec.document.lint import bodies, openapi, operations, places, schemas
from pollspec.document.lint import style as house
from pollspec.document.loader import complete, draft
from pollspec.document.source import Document, Problem
from pollspec.document.vendor import Vendor
from pollspec.errors import DocumentError

Look = Callable[[Vendor], Iterable[Problem]]
"""What is looked at besides, by a room that stands above this one."""
LOOKS = (openapi.problems, operations.problems, schemas.problems, bodies.problems, names.stages)


def problems(name: str, style: bool = False, further: Sequence[Look] = ()) -> list[str]:
    """The errors of a document, by name or path, as `path:line: what is wrong`. `style`: those of style as well.

    `further`: looks at what is sound so far.
    """
    try:
        return examine(document.read(name), style, further)
    except DocumentError as error:
        return [str(error.args[0])]


def examine(source: Document, style: bool = False, further: Sequence[Look] = ()) -> list[str]:
    """The problems of a document that was read."""
    found = {(source.line(*place), text): None for place, text in _all(source, style, further)}
    return [f"{source.path}:{line}: {text}" for line, text in sorted(found, key=lambda problem: problem[0])]


def _all(source: Document, style: bool, further: Sequence[Look]) -> Iterator[Problem]:
    """Each kind of problem; where the form makes the rest unreadable, the rest waits until it is mended."""
    broken = [*(house.texts(source) if style else ()), *form.problems(source)]
    if broken:
        yield from broken
        return
    try:
        vendor = draft(source)
    except DocumentError as error:
        yield (), str(error.args[0]).removeprefix(f"{source.path} ")
        return
    looks = (*LOOKS, house.problems) if style else LOOKS
    found = [problem for look in looks for problem in look(source)]
    found += list(names.problems(vendor)) or [*names.idle(vendor), *places.problems(vendor)]
    for look in (excuses.problems, *further):
        found = found or list(look(complete(vendor)))
    yield from found or [((), text) for text in openapi.beyond(source)]
