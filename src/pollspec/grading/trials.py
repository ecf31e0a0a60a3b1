"""The trials: one table of what is played to a client, and what is put in its way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pollspec.document.conditions import GUID
from pollspec.document.keywords import Provoked
from pollspec.document.messages import Answer
from pollspec.document.vendor import Subject
from pollspec.grading import baits
from pollspec.grading.ground import Ground
from pollspec.grading.play import Edit, Play
from pollspec.servers.instances import steps
from pollspec.servers.scenarios.scenario import Interruption, Scenario

ODD = "Ab/c?d=e&f%41"
"""An identifier that only survives if it is encoded."""
BUSY = Interruption(2, 429, retry_after=1)
DOWN, DOWN_AT_FIRST = Interruption(2, 503), Interruption(1, 503)
"""To the second poll, and to the first."""


@dataclass(frozen=True)
class Trial:
    """One row: its name, what happens in it, and how a ground gives plays of it (none: it has nothing for it)."""

    name: str
    does: str
    plays: Callable[[Trial, Ground], Iterator[Play]]


def _play(
    trial: Trial, ground: Ground, subject: Subject, interrupted: Sequence[Interruption] = (), **given: Any
) -> Play:
    """A play of a subject's path, with some answers in between that are not the operation's.

    What is started plays it as well, whatever its start asks for.
    """
    scenario = Scenario(trial.name, {None: steps(subject.path)}, interrupted)
    return Play(trial.name, ground, ground.with_subject(subject), subject, scenario, **given)


def _to(kind: str, **given: Any) -> Callable[[Trial, Ground], Iterator[Play]]:
    """The course to an end of some kind, with a bait."""
    return lambda trial, ground: (_play(trial, ground, subject, **given) for subject in ground.ends(kind)[:1])


def _well(**given: Any) -> Callable[[Trial, Ground], Iterator[Play]]:
    """The course to success, with a bait."""
    return _to("done", **given)


def _fails(trial: Trial, ground: Ground) -> Iterator[Play]:
    """One play for each end that is no success."""
    seen = set[str]()
    for subject in ground.ends("failed"):
        if subject.path[-1] not in seen:
            seen.add(subject.path[-1])
            yield _play(trial, ground, subject)


def _edited(make: Callable[[Ground], Edit]) -> Callable[[Trial, Ground], Iterator[Play]]:
    """The course to success with other answers, where they differ."""

    def plays(trial: Trial, ground: Ground) -> Iterator[Play]:
        edit = make(ground)
        if baits.changes(ground, edit):
            yield from _well(edit=edit)(trial, ground)

    return plays


def _hints(trial: Trial, ground: Ground) -> Iterator[Play]:
    if baits.numbers(ground):
        yield from _to("failed", edit=baits.hints(ground))(trial, ground)


def _stalls(trial: Trial, ground: Ground) -> Iterator[Play]:
    for subject in ground.ends("done")[:1]:
        if under_way := ground.under_way(subject):
            yield _play(trial, ground, replace(subject, path=under_way), endless=True)


def _vanishes(trial: Trial, ground: Ground) -> Iterator[Play]:
    for subject in ground.ends("done")[:1]:
        under_way = ground.under_way(subject)
        if ground.gone and under_way:
            yield _play(trial, ground, replace(subject, path=(*under_way, ground.gone)))


def _redirects(target: Answer | None) -> Callable[[Trial, Ground], Iterator[Play]]:
    def plays(trial: Trial, ground: Ground) -> Iterator[Play]:
        if ground.redirect is not None:
            for subject in ground.ends("done")[:1]:
                yield _play(trial, ground, subject, target=target or ground.course(subject)[0].answer)

    return plays


def odd(ground: Ground, subject: Subject) -> dict[str, Any]:
    """An identifier's odd values, where its schema allows them: expression -> value."""
    found = {}
    for parameter in ground.operation.parameters:
        text, usual = parameter.expression, str(subject.given.get(parameter.expression, ""))
        if text in ground.view.instance and usual:
            value = _mixed(usual) if GUID.fullmatch(usual) else ODD
            if value != usual and isinstance(subject.given[text], str) and ground.vendor.fits(parameter.schema, value):
                found[text] = value
    return found


def _mixed(guid: str) -> str:
    """A GUID whose letters alternate between the cases."""
    letters = iter(range(len(guid)))
    return re.sub("[A-Fa-f]", lambda m: m[0].upper() if next(letters) % 2 == 0 else m[0].lower(), guid)


def _odd(trial: Trial, ground: Ground) -> Iterator[Play]:
    for subject in ground.ends("done")[:1]:
        if given := odd(ground, subject):
            yield _play(trial, ground, replace(subject, given={**subject.given, **given}))


def _refused(trial: Trial, ground: Ground) -> Iterator[Play]:
    if ground.vendor.credentials.get("invalid"):
        yield from _well(credential="invalid")(trial, ground)


def _forbidden(trial: Trial, ground: Ground) -> Iterator[Play]:
    """Where the document refuses somebody whose login is good with the status of a crash."""
    for belief in ground.vendor.provoked(ground.operation.id, Provoked.REFUSAL):
        status = belief.says.get("expect", {}).get("$statusCode")
        credential = belief.says.get("credential", "default")
        if isinstance(status, int) and status >= 500 and credential not in {"default", "none", "invalid"}:
            yield from _well(credential=credential)(trial, ground)
            return


def _starts(**given: Any) -> Callable[[Trial, Ground], Iterator[Play]]:
    def plays(trial: Trial, ground: Ground) -> Iterator[Play]:
        if ground.start is not None:
            yield from _well(starts=True, **given)(trial, ground)

    return plays


def _elsewhere(trial: Trial, ground: Ground) -> Iterator[Play]:
    if ground.vendor.signing.secret is None:
        return
    if ground.redirect is not None:
        yield from _well(edit=baits.led_away(ground))(trial, ground)
    else:
        yield from _well(instead=baits.away)(trial, ground)


TRIALS: dict[str, Trial] = {
    trial.name: trial
    for trial in (
        Trial("runs", "The operation runs and succeeds.", _well()),
        Trial("fails", "The operation ends without success: once for each such end.", _fails),
        Trial("odd-identifier", f"The identifier is `{ODD}`, or a GUID in both cases.", _odd),
        Trial("unknown-state", "Two polls show a state that the document does not list.", _edited(baits.unheard_of)),
        Trial("more-fields", "Each object has one more member.", _edited(lambda ground: baits.more_fields)),
        Trial("fewer-fields", "What need not be there is not.", _edited(lambda g: baits.fields(g, null=False))),
        Trial("null-fields", "What may be null is null.", _edited(lambda g: baits.fields(g, null=True))),
        Trial("redirects", "The redirect leads to something that looks like what is under way.", _redirects(None)),
        Trial("redirects-to-nothing", "The redirect leads to a 404.", _redirects(Answer(404, (baits.JSON,), b"{}"))),
        Trial("hints", "Every number says that it is done, the state does not; then it fails.", _hints),
        Trial("vanishes", "While it is under way, it is gone.", _vanishes),
        Trial("stalls", "It stays under way for ever.", _stalls),
        Trial("silent", "The second poll is never answered.", _well(instead=baits.never, endless=True)),
        Trial(
            "busy",
            f"The second poll gets a 429 with `Retry-After: {BUSY.retry_after}`.",
            _well(interrupted=[BUSY]),
        ),
        Trial("busy-until", "The same with a date.", _well(instead=baits.busy_until)),
        Trial("down", "The second poll gets a 503.", _well(interrupted=[DOWN])),
        Trial("refused", "The credential is a wrong one.", _refused),
        Trial("forbidden", "The credential lacks a permission, which the document answers with 500.", _forbidden),
        Trial("starts", "The client starts it.", _starts()),
        Trial("starts-then-down", "The same; its first poll gets a 503.", _starts(interrupted=[DOWN_AT_FIRST])),
        Trial(
            "start-is-lost",
            "The client starts it, and gets no answer.",
            _starts(instead=baits.lost, endless=True),
        ),
        Trial("elsewhere", "A redirect leads to another origin.", _elsewhere),
    )
}
"""By name."""


def plays(ground: Ground) -> Iterator[Play]:
    """Every play that a ground gives."""
    for trial in TRIALS.values():
        yield from trial.plays(trial, ground)
