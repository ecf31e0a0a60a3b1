"""Two at a time: two things that rest, asked about at the same moment, by two logins where there are two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pollspec.document.keywords import KEYWORDS
from pollspec.document.operations import Operation
from pollspec.trial.factors import Resting
from pollspec.trial.request import build

if TYPE_CHECKING:
    from pollspec.trial.trial import Trial

REQUESTS = 4
"""Of an operation: both at once, then each alone, as it was polled before."""


def ask(trial: Trial, operation: Operation) -> None:
    """Ask about two things at the same moment, then about each alone, where a belief wants that and two are known."""
    wanted = [b for b in trial.beliefs if b.operation == operation.id and KEYWORDS[b.keyword].at_once]
    if not wanted or len(two := _two(trial, operation)) < 2:
        return
    asked = [(build(trial.vendor, operation, one.given), one.login, one.name) for one in two]
    with trial.going_on():
        answered = trial.target.send_at_once(asked)
    for request, login, subject in asked if answered else ():
        trial.send(request, login, subject)


def _two(trial: Trial, operation: Operation) -> list[Resting]:
    """Two that rest, at different ends if there are such; the second is asked about by a second login."""
    subjects, apt = trial.vendor.subjects, trial.vendor.resting(operation)
    resting = [one for one in trial.questions.resting(operation) if one.name in apt]
    first = next(iter(resting), None)
    others = [one for one in resting if first and (one.given, one.login) != (first.given, first.login)]
    if first is None or not others:
        return []
    other = min(others, key=lambda one: subjects[one.name].path[-1] == subjects[first.name].path[-1])
    if other.login != "default":
        return [first, other]
    second = [name for name, kind in trial.target.logins.items() if kind == "default" != name]
    return [first, Resting(other.name, other.given, next(iter(second), "default"))]
