"""`pollspec draw`: the lifecycles of documents as Mermaid and as SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from pollspec import spec
from pollspec.cli import main
from pollspec.reports.drawing import svg
from pollspec.reports.graph import Graph, graphs
from pollspec.reports.layout import layout
from pollspec.reports.mermaid import text
from tests.conftest import SIXTH, view

SVG = "{http://www.w3.org/2000/svg}"
GRAPHS = [graph for name in [*spec.names(), SIXTH] for graph in graphs(view(name))]
IDS = [f"{graph.vendor}-{graph.name}" for graph in GRAPHS]


def run(*words: str) -> Result:
    """A command line."""
    return CliRunner().invoke(main, ["draw", *words])


@pytest.mark.parametrize("graph", GRAPHS, ids=IDS)
def test_mermaid(graph: Graph) -> None:
    """Each stage, each move with what it rests on, each beginning and each end stands there once."""
    lines = text(graph).splitlines()
    stated = [re.fullmatch(r'    state "(.+)" as (s\d+)', line) for line in lines]
    names = {found[1]: found[2] for found in stated if found}
    assert list(names) == [stage.name for stage in graph.stages]
    for edge in graph.edges:
        assert lines.count(f"    {names[edge.one]} --> {names[edge.other]}: {edge.grade}") == 1
    assert sum(line.startswith("    [*] --> ") for line in lines) == len(graph.first) > 0
    assert sum(line.endswith(" --> [*]") for line in lines) == len(graph.ends)


@pytest.mark.parametrize("graph", GRAPHS, ids=IDS)
def test_svg(graph: Graph) -> None:
    """Each stage and each move is drawn once, with its words; no two stages overlap, and all of it is inside."""
    root = ElementTree.fromstring(svg(graph))
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert [f"{edge.one} to {edge.other}: {edge.grade}" in titles for edge in graph.edges] == [True] * len(graph.edges)
    groups = [one for one in root.iter(f"{SVG}g") if one.find(f"{SVG}text") is not None]
    boxes = {}
    for group in groups:
        rects = group.findall(f"{SVG}rect")
        name = group.findtext(f"{SVG}text") or ""
        assert len(rects) == 1 + (name in graph.ends)
        boxes[name] = [float(rects[0].get(word, "")) for word in ("x", "y", "width", "height")]
    assert set(boxes) == {stage.name for stage in graph.stages}
    assert len(set(layout(graph).values())) == len(boxes)
    for x, y, wide, high in boxes.values():
        assert 0 <= x <= x + wide <= float(root.get("width", "0"))
        assert 0 <= y <= y + high <= float(root.get("height", "0"))


def test_what_a_move_rests_on() -> None:
    """A move is as sure as the belief that speaks of the stage that it leaves; without one it is implied."""
    (firing, _) = graphs(view(SIXTH))
    stated = {
        stage: belief.grade
        for belief in view(SIXTH).beliefs
        if belief.says.get("of") == "firing"
        for stage in belief.says.get("from", [])
    }
    assert stated
    for edge in firing.edges:
        assert edge.grade == stated.get(edge.one, "implied")


def test_one_of_several() -> None:
    """One picture is of one lifecycle: which ones there are is said."""
    several = run(SIXTH, "--format", "svg")
    assert several.exit_code == 2
    assert "there are sixth firing, sixth drying" in several.output
    assert run(SIXTH, "--format", "svg", "--lifecycle", "drying").output.startswith("<svg")
    assert run(SIXTH, "--lifecycle", "drynig").output.count('did you mean "drying"?') == 1
    assert run(SIXTH).output.count("```mermaid\nstateDiagram-v2\n") == 2
