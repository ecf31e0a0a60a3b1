"""The requirements and the trials as Markdown, of any document and of some by name; and one explained by its id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pollspec.document.loader import load
from pollspec.document.vendor import Belief
from pollspec.errors import UsageError, nearest
from pollspec.grading.grading import asked
from pollspec.grading.judging import KEYWORD, belief
from pollspec.grading.requirements import REQUIREMENTS, Requirement
from pollspec.grading.trials import TRIALS, Trial
from pollspec.reports.markdown import escaped

LABEL = 11
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


def explained(name: str, document: str | None) -> str:
    """One requirement of a document, or each whose id begins so; "" where the id is of something else."""
    slug, _, rest = name.partition("/")
    if f"/{KEYWORD}" not in f"/{rest.partition('/')[2]}":
        return ""
    rows = [(belief(row, ground), row) for row, ground in asked(load(document or slug))]
    told = [line for found, row in rows if f"{found.id}/".startswith(f"{name}/") for line in _explained(found, row)]
    if not told:
        raise UsageError(f"no requirement is called {name!r}", nearest(name, [found.id for found, _ in rows]))
    return "\n".join(told) + "\n"


def _explained(found: Belief, row: Requirement) -> Iterator[str]:
    baits = [f"{bait}: {TRIALS[bait].does}" for bait in row.baits] if len(row.baits) < len(TRIALS) else [EVERY]
    lines = [("claim", found.claim), (found.grade, " ".join(found.words.split())), *(("bait", bait) for bait in baits)]
    lines += [("needs", ", ".join(row.needs))] if row.needs else []
    yield f"{found.id}    {found.where}"
    yield from (f"    {label:<{LABEL}}{text}" for label, text in lines)
