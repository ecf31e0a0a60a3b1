"""The requirements and the trials as Markdown: of any document, and of some by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pollspec.document.reading import load
from pollspec.grading.grading import asked
from pollspec.grading.requirements import REQUIREMENTS
from pollspec.grading.trials import TRIALS, Trial
from pollspec.reports.markdown import escaped

EVERY = "every trial"


def page(vendors: Sequence[str]) -> str:
    """The requirements, the trials, and which of the requirements each document gives."""
    parts = [("What is asked", _requirements()), ("The trials", _trials()), ("By document", _documents(vendors))]
    return "\n".join(line for title, lines in parts for line in (f"## {title}", "", *lines, ""))


def _requirements() -> Iterator[str]:
    yield "| requirement | level | says | because | bait |"
    yield "|---|---|---|---|---|"
    for row in REQUIREMENTS.values():
        level = "must or should" if row.weighs else row.level.value
        baits = EVERY if len(row.baits) == len(TRIALS) else ", ".join(f"`{name}`" for name in row.baits)
        yield f"| `{row.name}` | {level} | {escaped(row.claim)} | {escaped(row.reason)} | {baits} |"


def _trials() -> Iterator[str]:
    yield "| trial | what happens |"
    yield "|---|---|"
    yield from (f"| `{trial.name}` | {_does(trial)} |" for trial in TRIALS.values())


def _does(trial: Trial) -> str:
    """What happens, with what stands in backquotes as it is."""
    parts = trial.does.split("`")
    return "`".join(part if number % 2 else escaped(part) for number, part in enumerate(parts))


def _documents(vendors: Sequence[str]) -> Iterator[str]:
    """A column for each document: must, should, or nothing."""
    levels = {name: {row.name: row.level_for(ground).value for row, ground in asked(load(name))} for name in vendors}
    slugs = [load(name).slug for name in vendors]
    yield f"| requirement | {' | '.join(slugs)} |"
    yield f"|---|{'---|' * len(slugs)}"
    for row in REQUIREMENTS:
        yield f"| `{row}` | {' | '.join(levels[name].get(row, '') for name in vendors)} |"
