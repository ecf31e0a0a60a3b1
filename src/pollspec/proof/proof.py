"""What all results together prove, and what they do not."""

from __future__ import annotations

import pathlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pollspec.errors import nearest
from pollspec.proof.causes import Failure
from pollspec.proof.prove import Result, document
from pollspec.servers.variations import VARIATIONS


@dataclass(frozen=True)
class Proof:
    """All results. `understood`: vendor -> misdeed -> why it is rightly not caught."""

    results: tuple[Result, ...]
    understood: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, kind: str, vendor: str | None = None) -> list[Result]:
        """The results of one kind that apply."""
        return [r for r in self.results if r.task.kind == kind and r.applies and vendor in {None, r.task.vendor}]

    def failures(self) -> Iterator[Failure]:
        """What is not proved: each run, and each belief without a fault."""
        for result in self.results:
            task = result.task
            if task.kind != "misdeed" and not result.holds:
                yield _let_down(result)
            elif task.kind == "misdeed" and result.holds == (task.name in self.understood.get(task.vendor, {})):
                told = "is caught; take it off the list of misses" if result.holds else "is missed, and nobody says why"
                yield Failure(task.vendor, task.kind, task.name, (told,))
        yield from self._unproved()

    def _unproved(self) -> Iterator[Failure]:
        """Beliefs without a fault, and excuses that name no variation."""
        for name in dict.fromkeys(result.task.vendor for result in self.results):
            guarded = {result.guard for result in self.of("fault", name)}
            for belief in document(name).beliefs:
                if belief.id not in guarded:
                    yield Failure(name, "belief", belief.id, ("no fault proves that it can object",))
                for variation in belief.says.get("despite", {}):
                    if variation not in VARIATIONS:
                        why = f"despite {variation!r}: {nearest(variation, VARIATIONS)}"
                        yield Failure(name, "belief", belief.id, (why,))


def _let_down(result: Result) -> Failure:
    """A fault that is not caught, a variation or a server that is objected to, a run that failed."""
    task = result.task
    if result.failed:
        return Failure(task.vendor, task.kind, task.name, (result.failed,))
    if task.kind == "fault":
        return Failure(task.vendor, task.kind, task.name, (result.idle or f"{result.guard} did not object",))
    slandering = tuple(sorted(set(result.objected) - set(result.excused)))
    return Failure(task.vendor, task.kind, task.name, slandering, "objected: ", not result.applies)


def misses(folder: str | None) -> Mapping[str, Mapping[str, str]]:
    """Why some misdeeds of the second reading are rightly not caught: its misses.toml."""
    path = pathlib.Path(folder or ".") / "misses.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if folder and path.is_file() else {}
