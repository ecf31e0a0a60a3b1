"""The graph of a lifecycle as a picture (SVG): columns from left to right, a line for each move."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pollspec.reports.elements import element
from pollspec.reports.graph import Edge, Graph
from pollspec.reports.layout import Spot, layout
from pollspec.reports.mermaid import FILLS

LETTER, HIGH, WIDE, DEEP, EDGE = 7.6, 34, 74, 62, 30
"""Width of a letter, height of a stage, between columns, between rows, around it all."""
INK, SOFT, PAPER = "#1d2126", "#5b6470", "#ffffff"
DASHES = {"source": None, "observed": "7 3", "implied": "3 3"}
"""How the line of a move is broken, by what it rests on."""
HEAD = "M0,0 L8,4 L0,8 z"


class Drawing:
    """One graph, drawn."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.spots = graph, layout(graph)
        self.width = max(9.0, *(len(stage.name) for stage in graph.stages)) * LETTER + 22
        self.top = -min(spot.row for spot in self.spots.values())
        columns = [spot.column for spot in self.spots.values()]
        spans = [self._span(edge) for edge in graph.edges if self._is_arc(edge)]
        self.over = 16.0 + 13 * max(spans, default=0) if self.top == 0 else 0.0
        self.total = 2 * EDGE + 44 + (max(columns) + 1) * self.width + max(columns) * WIDE
        rows = max(spot.row for spot in self.spots.values()) + self.top
        self.height = 2 * EDGE + self.over + HIGH + rows * DEEP + 36

    def text(self) -> str:
        """The picture's text."""
        svg = element(
            "svg",
            element("title", f"{self.graph.vendor}: {self.graph.name}"),
            element("desc", f"{len(self.graph.stages)} stages, {len(self.graph.edges)} moves"),
            self._arrow(),
            element("rect", width=self.total, height=self.height, rx=8, fill=PAPER),
            *self._begins(),
            *(self._edge(edge) for edge in self.graph.edges),
            *(self._stage(name, spot) for name, spot in self.spots.items()),
            *self._legend(),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {self.total:g} {self.height:g}",
            width=self.total,
            height=self.height,
            role="img",
            font_family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace",
            font_size="12",
        )
        ElementTree.indent(svg)
        return ElementTree.tostring(svg, encoding="unicode") + "\n"

    def _at(self, name: str) -> tuple[float, float]:
        """The left upper corner of a stage."""
        spot = self.spots[name]
        y = EDGE + self.over + (spot.row + self.top) * DEEP
        return EDGE + 44 + spot.column * (self.width + WIDE), y

    def _stage(self, name: str, spot: Spot) -> Element:
        x, y = self._at(name)
        kind = next(stage.kind for stage in self.graph.stages if stage.name == name)
        is_end = name in self.graph.ends
        outer = element("rect", x=x, y=y, width=self.width, height=HIGH, rx=7, fill=FILLS[kind], stroke=INK)
        inner = element("rect", x=x + 3, y=y + 3, width=self.width - 6, height=HIGH - 6, rx=5, fill="none", stroke=INK)
        words = element("text", name, x=x + self.width / 2, y=y + 21, text_anchor="middle", fill=INK)
        return element("g", element("title", f"{name} ({kind})"), outer, inner if is_end else None, words)

    def _begins(self) -> Iterator[Element]:
        """The mark before each stage that it begins with."""
        for name in self.graph.first:
            x, y = self._at(name)
            far = self.spots[name].column > 0
            at, to = ((x + 16, y - 24), (x + 16, y - 1)) if far else ((x - 34, y + HIGH / 2), (x - 1, y + HIGH / 2))
            yield self._line(f"M{at[0]:g},{at[1]:g} L{to[0]:g},{to[1]:g}", "source")
            yield element("circle", cx=at[0], cy=at[1], r=6, fill=INK)

    def _span(self, edge: Edge) -> int:
        return self.spots[edge.other].column - self.spots[edge.one].column

    def _is_arc(self, edge: Edge) -> bool:
        """Whether a move passes over stages of its own row."""
        return self.spots[edge.one].row == self.spots[edge.other].row == 0 and self._span(edge) > 1

    def _edge(self, edge: Edge) -> Element:
        (x1, y1), (x2, y2) = self._at(edge.one), self._at(edge.other)
        middle, span = self.width / 2, self._span(edge)
        if self._is_arc(edge):
            up = y1 - (16 + 13 * span)
            way = f"M{x1 + middle + 8:g},{y1:g} C{x1 + middle + 30:g},{up:g} {x2 + middle - 40:g},{up:g} "
            way += f"{x2 + middle - 10:g},{y2 - 1:g}"
        elif span <= 0:
            way = self._beside(x1, y1, x2, y2, span)
        elif y2 > y1 and self.spots[edge.one].row >= 0:
            start, y = x1 + middle - 6 * self.spots[edge.other].row, y2 + HIGH / 2
            way = (
                f"M{start:g},{y1 + HIGH:g} C{start:g},{y:g} {start + 30:g},{y:g} {start + 70:g},{y:g} L{x2 - 1:g},{y:g}"
            )
        else:
            half = (x2 - x1 - self.width) / 2
            way = f"M{x1 + self.width:g},{y1 + HIGH / 2:g} C{x1 + self.width + half:g},{y1 + HIGH / 2:g} "
            way += f"{x2 - half:g},{y2 + HIGH / 2:g} {x2 - 1:g},{y2 + HIGH / 2:g}"
        return element("g", element("title", f"{edge.one} to {edge.other}: {edge.grade}"), self._line(way, edge.grade))

    def _beside(self, x1: float, y1: float, x2: float, y2: float, span: int) -> str:
        """A way within a column, or back: above the stages from what stands above, else below them."""
        middle = self.width / 2
        if y1 == y2:
            low = y1 + HIGH + 14 - 10 * span
            return f"M{x1 + middle:g},{y1 + HIGH:g} C{x1 + middle:g},{low:g} {x2 + middle:g},{low:g} " + (
                f"{x2 + middle + 12:g},{y2 + HIGH + 1:g}"
            )
        down = y2 > y1
        out, into = (y1 + HIGH, y2 - 1) if down else (y1, y2 + HIGH + 1)
        shift = 12 if down else -12
        half = (into - out) / 2
        return f"M{x1 + middle + shift:g},{out:g} C{x1 + middle + shift:g},{out + half:g} " + (
            f"{x2 + middle + shift:g},{into - half:g} {x2 + middle + shift:g},{into:g}"
        )

    def _line(self, way: str, grade: str) -> Element:
        return element(
            "path",
            d=way,
            fill="none",
            stroke=SOFT,
            stroke_width=1.4,
            stroke_dasharray=DASHES[grade],
            marker_end="url(#to)",
        )

    def _arrow(self) -> Element:
        head = element("path", d=HEAD, fill=SOFT)
        sizes = {"markerWidth": 8, "markerHeight": 8, "refX": 8, "refY": 4}
        return element("defs", element("marker", head, id="to", orient="auto", markerUnits="userSpaceOnUse", **sizes))

    def _legend(self) -> Iterator[Element]:
        """What the lines mean, as far as they are there."""
        x, y = float(EDGE), self.height - 20
        for grade in DASHES:
            if any(edge.grade == grade for edge in self.graph.edges):
                yield self._line(f"M{x:g},{y:g} L{x + 34:g},{y:g}", grade)
                yield element("text", grade, x=x + 42, y=y + 4, fill=SOFT)
                x += 130
        yield element("rect", x=x, y=y - 8, width=26, height=16, rx=4, fill="none", stroke=SOFT)
        yield element("rect", x=x + 2.5, y=y - 5.5, width=21, height=11, rx=3, fill="none", stroke=SOFT)
        yield element("text", "an end", x=x + 34, y=y + 4, fill=SOFT)


def svg(graph: Graph) -> str:
    """A graph's picture as SVG."""
    return Drawing(graph).text()
