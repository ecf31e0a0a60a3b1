"""The graph of a lifecycle, as it is drawn: stages, the moves between them, and what each of these rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pollspec.document.lifecycles import TERMINAL, Lifecycle, Stage
from pollspec.document.vendor import Vendor


@dataclass(frozen=True)
class Edge:
    """A move from one stage to another. `grade`: what it rests on: source, observed or implied."""

    one: str
    other: str
    grade: str


@dataclass(frozen=True)
class Graph:
    """A lifecycle. `first`: the stages that it begins with; `start`: the operation that starts it, or ""."""

    vendor: str
    name: str
    stages: tuple[Stage, ...]
    edges: tuple[Edge, ...]
    first: tuple[str, ...]
    start: str

    @property
    def ends(self) -> list[str]:
        """The stages that are ends, what is done first."""
        ends = [stage for stage in self.stages if stage.kind in TERMINAL]
        return [stage.name for stage in sorted(ends, key=lambda stage: stage.kind != "done")]


def graphs(vendor: Vendor) -> Iterator[Graph]:
    """The graph of each lifecycle of a document."""
    for lifecycle in vendor.lifecycles.values():
        grades = _grades(vendor, lifecycle)
        edges = [
            Edge(stage.name, other, grades.get(stage.name, "implied"))
            for stage in lifecycle.stages.values()
            for other in stage.then
        ]
        start = lifecycle.start.operation if lifecycle.start else ""
        stages = tuple(lifecycle.stages.values())
        yield Graph(vendor.slug, lifecycle.name, stages, tuple(edges), _first(vendor, lifecycle), start)


def _grades(vendor: Vendor, lifecycle: Lifecycle) -> dict[str, str]:
    """What the moves out of a stage rest on, where a belief speaks of it."""
    beliefs = [belief for belief in vendor.beliefs if belief.says.get("of") == lifecycle.name]
    return {stage: belief.grade for belief in reversed(beliefs) for stage in belief.says.get("from", ())}


def _first(vendor: Vendor, lifecycle: Lifecycle) -> tuple[str, ...]:
    """What follows nothing, and where the subjects' ways begin."""
    ways = [subject.path for subject in vendor.subjects.values() if subject.path]
    begun = {way[0] for way in ways if len(way) > 1}
    followed = {other for stage in lifecycle.stages.values() for other in stage.then}
    return tuple(name for name in lifecycle.stages if name in begun or name not in followed)
