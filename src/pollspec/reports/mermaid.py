"""The graph of a lifecycle as Mermaid, which many readers of Markdown draw."""

from __future__ import annotations

from collections.abc import Iterator

from pollspec.reports.graph import Graph

FILLS = {
    "waiting": "#e2e6eb",
    "active": "#bfdbfa",
    "paused": "#f6e0a8",
    "done": "#bfe6c8",
    "failed": "#f3cbb4",
    "gone": "#e9e4dd",
}


def text(graph: Graph) -> str:
    """The text of a state diagram; each move says what it rests on, an end leads to the final mark."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    names = {stage.name: f"s{number}" for number, stage in enumerate(graph.stages, 1)}
    yield "stateDiagram-v2"
    yield "    direction LR"
    for stage in graph.stages:
        yield f'    state "{_plain(stage.name)}" as {names[stage.name]}'
    for first in graph.first:
        yield f"    [*] --> {names[first]}" + (f": {_plain(graph.start)}" if graph.start else "")
    for edge in graph.edges:
        yield f"    {names[edge.one]} --> {names[edge.other]}: {edge.grade}"
    yield from (f"    {names[end]} --> [*]" for end in graph.ends)
    for kind, fill in FILLS.items():
        members = [names[stage.name] for stage in graph.stages if stage.kind == kind]
        if members:
            yield f"    classDef {kind} fill:{fill},color:#1d2126"
            yield f"    class {','.join(members)} {kind}"


def _plain(name: str) -> str:
    """A name in a diagram, where quotes, brackets and the like have a meaning of their own."""
    return "".join(mark if mark.isalnum() or mark in " -_./" else f"#{ord(mark)};" for mark in name)
