"""A scenario's file (TOML), as it is written; docs/scenarios.md has its grammar."""

from __future__ import annotations

import pathlib
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from pollspec.document.keywords import Provoked
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.messages import MISSING
from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError, nearest
from pollspec.servers.instances import Step
from pollspec.servers.scenarios.scenario import Interruption, Scenario, lifecycle_of

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
    """An answer in place of the true one: `at` a request, so many `times`; or `after` some seconds, for `seconds`."""

    status: int
    at: int | None = None
    times: int = 1
    after: float | None = None
    seconds: float = 0.0
    retry_after: float | None = None
    body: Any = MISSING
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
    wrong = not 0 <= latency[0] <= latency[1]
    _refuse(path, (wrong, f"latency is {latency}", "seconds, or two of them: the least and the most"))
    courses = {name: steps for course in told.course for name, steps in _course(vendor, path, course)}
    breaks = [_interruption(vendor, path, one) for one in told.interruption]
    return Scenario(path, courses, breaks, latency, told.fault, told.seed, told.description)


def _refuse(path: str, *wrongs: tuple[bool, str, str]) -> None:
    """UsageError for the first thing that is wrong: whether it is, what, and what to write instead."""
    for is_wrong, what, hint in wrongs:
        if is_wrong:
            raise UsageError(f"{path}: {what}", hint)


def _subjects(vendor: Vendor, path: str, names: Iterable[str]) -> list[str]:
    for name in names:
        _refuse(path, (name not in vendor.subjects, f"there is no subject {name!r}", nearest(name, vendor.subjects)))
    return list(names)


def _course(vendor: Vendor, path: str, told: Course) -> Iterator[tuple[str | None, Sequence[Step]]]:
    """The course of each subject that is named, or of all; its stages are those of one lifecycle."""
    _refuse(path, (not told.steps, "a course has no steps", "[[course]] with steps = [{stage = ...}, ...]"))
    named = [step.stage for step in told.steps if step.stage]
    names: list[str | None] = [*_subjects(vendor, path, told.subjects)]
    for name in names or [None]:
        own = lifecycle_of(vendor, vendor.subjects[name]) if name else _best(vendor, named)
        if own is None:
            raise UsageError(f"{path}: {name or vendor.slug} passes no stages", "name a subject that does")
        yield name, [_step(vendor, path, one, own, next(iter([*named, *own.stages]))) for one in told.steps]


def _best(vendor: Vendor, stages: Sequence[str]) -> Lifecycle | None:
    """The lifecycle that has most of these stages."""
    return max(vendor.lifecycles.values(), key=lambda one: sum(name in one.stages for name in stages), default=None)


def _step(vendor: Vendor, path: str, told: Stretch, lifecycle: Lifecycle, first: str) -> Step:
    """A step; `first`: the stage that counts as its own where it answers as a subject that never was."""
    stage = told.stage or first
    never = _never(vendor)
    plays = told.plays is not None
    pointer = next((one for one in told.shows if not one.startswith("/")), None)
    lengths = [length for length in (told.polls, told.seconds) if length is not None]
    _refuse(
        path,
        (
            plays and told.plays not in never,
            f"{told.plays!r} is no subject that never was",
            nearest(f"{told.plays}", never),
        ),
        (plays and bool(told.stage), "a step has a stage and plays", "say one of them"),
        (
            not (plays or told.stage in lifecycle.stages),
            f"there is no stage {told.stage!r}",
            nearest(told.stage, lifecycle.stages),
        ),
        (len(lengths) == 2, "a step has polls and seconds", "say one of them"),
        (any(length <= 0 for length in lengths), "a step of no length", "polls = 1 or more, seconds above 0"),
        (
            not 0 <= told.share[0] <= told.share[1] <= 1,
            f"share = {list(told.share)} is none",
            "two numbers from 0 to 1, the lesser one first",
        ),
        (pointer is not None, f"shows {pointer!r} is no JSON pointer", f"it begins with a slash: /{pointer}"),
    )
    return Step(stage, told.polls, told.seconds, told.shows, told.share, told.for_ever, told.plays)


def _never(vendor: Vendor) -> list[str]:
    """The subjects that never were, as far as the document says how one is answered about them."""
    beliefs = [belief for operation in vendor.operations for belief in vendor.provoked(operation, Provoked.ANSWER)]
    told_of = {belief.says.get("subject") for belief in beliefs}
    return [name for name, subject in vendor.subjects.items() if not subject.path and name in told_of]


def _interruption(vendor: Vendor, path: str, told: Break) -> Interruption:
    counts, timed = told.at is not None, told.after is not None
    at, after = told.at or 0, told.after or 0.0
    _refuse(
        path,
        (not 100 <= told.status <= 599, f"status = {told.status} is none", "a number from 100 to 599"),
        (counts == timed, "an interruption at no moment, or at two", "at = which request, or after = seconds"),
        (told.times < 1 or (counts and at < 1), f"an interruption at {at}, {told.times} times", "both count from 1"),
        (
            after < 0 or (timed and told.seconds <= 0),
            f"an interruption of {told.seconds:g} s",
            "after = 0 or more, seconds above 0",
        ),
        ((told.retry_after or 0) < 0, f"retry-after = {told.retry_after} is none", "seconds, 0 or more"),
    )
    subjects = frozenset(_subjects(vendor, path, told.subjects))
    return Interruption(at, told.status, told.times, told.retry_after, told.body, subjects, told.after, told.seconds)
