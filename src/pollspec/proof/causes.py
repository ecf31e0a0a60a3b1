"""What a proof lacks, by its causes: what fails many runs for one and the same reason is told once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

WIDTH = 120


@dataclass(frozen=True)
class Failure:
    """One run, or one belief, that is not proved. `reasons`: each is a cause by itself; `before`: what they do.

    `kind`: fault, variation, server, misdeed or belief; `plain`: nothing was done to the polite server, and it fails.
    """

    vendor: str
    kind: str
    name: str
    reasons: tuple[str, ...]
    before: str = ""
    plain: bool = False

    def __str__(self) -> str:
        return f"{self.vendor}: {self.kind} {self.name}: {self.before}{', '.join(self.reasons)}"

    def single(self) -> Iterator[Failure]:
        """The same, for each reason by itself."""
        yield from (replace(self, reasons=(reason,)) for reason in self.reasons)


def lines(failures: Iterable[Failure]) -> Iterator[str]:
    """Each cause once, in the order in which they were met; behind one of several runs, their names."""
    found = list(failures)
    causes: dict[object, list[Failure]] = {}
    for one in (single for failure in found for single in failure.single()):
        causes.setdefault(_cause(one), []).append(one)
    said: set[object] = set()
    for failure in found:
        own = tuple(one.reasons[0] for one in failure.single() if len(causes[_cause(one)]) == 1)
        if own:
            yield str(replace(failure, reasons=own))
        for key in dict.fromkeys(_cause(one) for one in failure.single()):
            if len(causes[key]) > 1 and key not in said:
                said.add(key)
                yield _several(causes[key])


def _cause(single: Failure) -> object:
    return single.vendor, single.kind, single.before, single.reasons


def _several(alike: list[Failure]) -> str:
    """One cause of several failures."""
    first = alike[0]
    plain = " (and to the polite server as it is)" if any(one.plain for one in alike) else ""
    names = ", ".join(one.name for one in alike)
    listed = textwrap.fill(names, WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
    return f"{first.vendor}: {len(alike)} {first.kind}s: {first.before}{first.reasons[0]}{plain}\n{listed}"
