"""Where the stages of a small graph stand: in columns from left to right, each after what leads to it."""

from __future__ import annotations

from dataclasses import dataclass

from pollspec.reports.graph import Graph


@dataclass(frozen=True)
class Spot:
    """A column and a row; row 0 is the main line, -1 is above it."""

    column: int
    row: int


def layout(graph: Graph) -> dict[str, Spot]:
    """The spot of each stage: what pauses stands above the line, the ends behind it, one below the other."""
    kinds = {stage.name: stage.kind for stage in graph.stages}
    columns = _columns(graph, [name for name, kind in kinds.items() if name not in graph.ends])
    last = max(columns.values(), default=-1) + 1
    later = {edge.other for edge in graph.edges if edge.one in graph.ends and edge.other in graph.ends}
    columns |= {name: last + (name in later) for name in graph.ends}
    spots: dict[str, Spot] = {}
    for name, column in columns.items():
        above = kinds[name] == "paused"
        row = -1 if above else 0
        while Spot(column, row) in spots.values():
            row += -1 if above else 1
        spots[name] = Spot(column, row)
    return spots


def _columns(graph: Graph, passing: list[str]) -> dict[str, int]:
    """The column of each stage that is no end: one after whatever leads to it, but for moves that go back."""
    order = {name: place for place, name in enumerate(_order(graph, passing))}
    columns = dict.fromkeys(order, 0)
    for name in order:
        before = [columns[e.one] for e in graph.edges if e.other == name and order.get(e.one, len(order)) < order[name]]
        columns[name] = max(before, default=-1) + 1
    return columns


def _order(graph: Graph, passing: list[str]) -> list[str]:
    """The stages in an order in which as few moves as can be go back: what was finished last comes first."""
    then = {name: [e.other for e in graph.edges if e.one == name and e.other in passing] for name in passing}
    seen: set[str] = set()
    finished: list[str] = []
    for first in [*graph.first, *passing]:
        rest = [(first, iter(then.get(first, ())))] if first in passing and first not in seen else []
        seen.add(first)
        while rest:
            others = rest[-1][1]
            following = next((other for other in others if other not in seen), None)
            if following is None:
                finished.append(rest.pop()[0])
            else:
                seen.add(following)
                rest.append((following, iter(then[following])))
    return finished[::-1]
