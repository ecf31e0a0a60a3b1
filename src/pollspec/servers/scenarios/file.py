"""A scenario's file (TOML), as it is written; docs/scenarios.md has its grammar."""

from __future__ import annotations

import pathlib
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError, nearest
from pollspec.servers.instances import Step
from pollspec.servers.scenarios.scenario import Interruption, Scenario

HINT = "docs/scenarios.md has the grammar of such a file"
POSITIVE = msgspec.Meta(gt=0)


class Stretch(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """One step: a stage, or a subject that never was; for so many polls or seconds, or for ever."""

    stage: str = ""
    polls: int | None = None
    seconds: float | None = None
    shows: dict[str, Any] = {}
    share: tuple[float, float] = (0.0, 1.0)
    for_ever: bool = False
    plays: str | None = None


class Course(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """The steps of some subjects; of all where none is named."""

    steps: list[Stretch]
    subjects: list[str] = []


class Break(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """An answer in place of the true one."""

    at: int
    status: int
    times: int = 1
    retry_after: float | None = None
    body: Any = None
    subjects: list[str] = []


class File(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """The whole file."""

    description: str = ""
    seed: int = 1
    latency: float | tuple[float, float] = 0.0
    fault: str | None = None
    course: list[Course] = []
    interruption: list[Break] = []


def read(vendor: Vendor, path: str) -> Scenario:
    """The scenario of a file; UsageError, which names what is wrong, where it is none."""
    try:
        told = msgspec.convert(tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8")), File)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "give the path of a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}", HINT) from None
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {error}", HINT) from None
    latency = told.latency if isinstance(told.latency, tuple) else (told.latency, told.latency)
    if not 0 <= latency[0] <= latency[1]:
        raise UsageError(f"{path}: latency is {latency}", "seconds, or two of them: the least and the most")
    courses = {
        name: [_step(vendor, path, one) for one in course.steps]
        for course in told.course
        for name in _subjects(vendor, path, course.subjects) or [None]
    }
    if not all(courses.values()):
        raise UsageError(f"{path}: a course has no steps", "[[course]] with steps = [{stage = ...}, ...]")
    breaks = [_interruption(vendor, path, one) for one in told.interruption]
    return Scenario(path, courses, breaks, latency, told.fault, told.seed)


def _subjects(vendor: Vendor, path: str, names: Iterable[str]) -> list[str | None]:
    for name in names:
        if name not in vendor.subjects:
            raise UsageError(f"{path}: there is no subject {name!r}", nearest(name, vendor.subjects))
    return list(names)


def _stages(vendor: Vendor) -> Iterator[str]:
    for lifecycle in vendor.lifecycles.values():
        yield from lifecycle.stages


def _step(vendor: Vendor, path: str, told: Stretch) -> Step:
    stages = list(_stages(vendor))
    if told.plays is not None:
        never = [name for name, subject in vendor.subjects.items() if not subject.path]
        if told.plays not in never:
            raise UsageError(f"{path}: plays = {told.plays!r} is no subject that never was", nearest(told.plays, never))
    elif told.stage not in stages:
        raise UsageError(f"{path}: there is no stage {told.stage!r}", nearest(told.stage, stages))
    if told.polls is not None and told.seconds is not None:
        raise UsageError(f"{path}: a step has polls and seconds", "say one of them")
    if any(length is not None and length <= 0 for length in (told.polls, told.seconds)):
        raise UsageError(f"{path}: a step of no length", "polls = 1 or more, seconds above 0")
    wrong = next((pointer for pointer in told.shows if not pointer.startswith("/")), None)
    if wrong is not None:
        raise UsageError(f"{path}: shows {wrong!r} is no JSON pointer", f"it begins with a slash: /{wrong}")
    stage = told.stage or stages[0]
    return Step(stage, told.polls, told.seconds, told.shows, told.share, told.for_ever, told.plays)


def _interruption(vendor: Vendor, path: str, told: Break) -> Interruption:
    if not 100 <= told.status <= 599:
        raise UsageError(f"{path}: status = {told.status} is none", "a number from 100 to 599")
    if told.at < 1 or told.times < 1:
        raise UsageError(f"{path}: an interruption at {told.at}, {told.times} times", "both count from 1")
    subjects = frozenset(name for name in _subjects(vendor, path, told.subjects) if name)
    return Interruption(told.at, told.status, told.times, told.retry_after, told.body, subjects)
