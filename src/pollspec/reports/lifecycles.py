"""`pollspec draw`: the lifecycles of documents, as a page or one of them as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pollspec import spec
from pollspec.document.loader import load
from pollspec.errors import UsageError, nearest
from pollspec.reports import drawing, mermaid
from pollspec.reports.graph import Graph, graphs

HEAD = """\
# Lifecycles

The stages of each lifecycle, and the moves between them, as `pollspec draw` writes them from the documents. A line says
what its move rests on: `source` (the page says it), `observed` or `implied` (our reading). Polls are samples: between
two of them several moves may have happened.
"""


def drawn(vendors: Sequence[str], form: str, lifecycle: str | None) -> str:
    """The page of all lifecycles, or one of them; UsageError says which there are."""
    found = [graph for name in vendors or spec.names() for graph in graphs(load(name))]
    chosen = [graph for graph in found if lifecycle in {None, graph.name}]
    known = [graph.name for graph in found]
    if not chosen:
        raise UsageError(f"there is no lifecycle {lifecycle or 'to be drawn'!r}", nearest(lifecycle or "", known))
    if form == "markdown":
        return "\n".join(_page(chosen))
    if len(chosen) > 1:
        said = ", ".join(f"{graph.vendor} {graph.name}" for graph in chosen)
        raise UsageError(f"one lifecycle makes one picture: there are {said}", "name a document, and --lifecycle NAME")
    return drawing.svg(chosen[0]) if form == "svg" else mermaid.text(chosen[0])


def _page(found: Sequence[Graph]) -> Iterator[str]:
    yield HEAD
    for graph in found:
        yield f"## {graph.vendor}: {graph.name}\n"
        yield f"```mermaid\n{mermaid.text(graph)}```\n"
