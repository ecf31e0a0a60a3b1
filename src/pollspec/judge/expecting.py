"""What an answer to a certain request must be: shared by the two keywords that provoke one."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from packaging.specifiers import SpecifierSet

from pollspec.document import expressions, pointers
from pollspec.document.conditions import show
from pollspec.document.keywords import Provoked
from pollspec.document.lifecycles import is_passing
from pollspec.document.messages import MISSING
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding, Tally, Trial


class Expecting(Monitor):
    """An answer meets `expect` and `mentions`, or one of the observed alternatives."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.credential = self.says.get("credential", "default")
        self.recognised = self.vendor.recognises(self.belief)

    def concerns(self, sight: Sight) -> bool:
        """Whether the belief speaks of an exchange: by the credential that was used, and by what was asked."""
        answer = sight.answer
        if answer is None or is_passing(answer) or sight.exchange.credential != self.credential or sight.strange:
            return False
        return not self.recognised or any(c.holds(sight.request, answer) for c in self.recognised)

    def excused(self, sight: Sight) -> bool:
        """Whether something else of the request may rightly be refused, in the way that it was refused.

        A parameter, or a part of the body, that breaks its schema, and of which this belief does not speak, may be
        refused in any way; what another belief speaks of, as that one says.
        """
        if sight.status < 400:
            return False
        misfits = set(self.vendor.misfits(sight.request)) - self.spoken_of
        own = self.reasons(sight)
        return bool(misfits) or self._misfits_beside(sight) or any(one.may_refuse(sight, own) for one in self.others)

    def _misfits_beside(self, sight: Sight) -> bool:
        """Whether the body breaks its schema in a place that this belief does not speak of."""
        media = next(iter(sight.asked.operation.bodies.values()), None)
        if media is None or sight.request.body is MISSING:
            return False
        errors = self.vendor.compiled(media["schema"]).iter_errors(sight.request.body)
        broken = [[str(token) for token in error.instance_path] for error in errors]
        return any(not any(_meet(place, spoken) for spoken in self.places) for place in broken)

    @functools.cached_property
    def places(self) -> list[list[str]]:
        """The places of the request's body that the belief speaks of."""
        found = {expressions.parse(text) for condition in self.recognised for text in condition.clauses}
        return [pointers.tokens(one.name) for one in found if (one.side, one.place) == ("request", "body")]

    @functools.cached_property
    def spoken_of(self) -> set[str]:
        """The names of what the belief sends, or recognises a request by."""
        texts = {text for condition in self.recognised for text in condition.clauses}
        found = {expressions.parse(text) for text in texts}
        return {one.name for one in found} | {"body" for one in found if one.place == "body"}

    @functools.cached_property
    def of_login(self) -> bool:
        """Whether the belief speaks of nothing but who asks."""
        return all(condition.clauses.keys() <= set(self.vendor.signing.places) for condition in self.recognised)

    @functools.cached_property
    def others(self) -> list[Expecting]:
        """The other refusals of the operation."""
        return [one for one in refusals(self) if one.belief is not self.belief]

    def reasons(self, sight: Sight) -> set[str]:
        """Why a request is to be refused, as the belief has it: who asks, or what is asked."""
        asked_as = sight.exchange.credential
        if self.credential != asked_as and (self.credential != "default" or (asked_as == "none" and self.of_login)):
            return set()
        if not self.recognised:
            return {f"credential {self.credential}"}
        return {str(c.clauses) for c in self.recognised if c.of_request().holds(sight.request)}

    def may_refuse(self, sight: Sight, known: set[str]) -> bool:
        """Whether an answer refuses a request for a reason of this belief's that is not known yet, and as it says."""
        return bool(self.reasons(sight) - known) and self.wrong(self.says, sight) is None

    def meets(self, sight: Sight) -> Trial:
        """What is believed of every version is always right; an observed alternative is, in the versions that have it.

        Without a version it may be one of those, so that meeting the alternative only deviates.
        """
        wrong = self.wrong(self.says, sight)
        if wrong is None:
            return None
        expected, actual = wrong
        for other in self.says.get("or", []):
            apt = self.version is None or SpecifierSet(other["versions"]).contains(self.version, prereleases=True)
            missed = self.wrong(other, sight)
            if apt and missed is None:
                named = f"{other['observed']} ({other['versions']})"
                return Finding(expected, actual, sight.exchange, alternative=named) if self.version is None else None
            if apt and missed is not None and self.version is not None:
                expected = f"{expected}; or, as in {other['versions']}, {missed[0]}"
        return Finding(expected, actual, sight.exchange)

    def wrong(self, says: Mapping[str, Any], sight: Sight) -> tuple[str, str] | None:
        """What was expected and what is there, or None if all is as it should be."""
        expects = self.vendor.condition(says.get("expect"))
        if not expects.holds(sight.request, sight.answer):
            failed = list(expects.failures(sight.request, sight.answer))
            wanted = "; ".join(f"{failure.place}: {failure.expected}" for failure in failed)
            return wanted, "; ".join(failure.actual for failure in failed)
        if "mentions" in says and sight.answer and str(says["mentions"]) not in scalars(sight.answer.reading.value):
            return f"{says['mentions']} somewhere in the body", show(sight.answer.reading.value)
        return None


def refusals(monitor: Monitor) -> list[Expecting]:
    """The documented refusals of a monitor's operation."""
    vendor, found = monitor.vendor, monitor.vendor.provoked(monitor.belief.operation, Provoked.REFUSAL)
    return [Expecting(vendor, belief, Tally(belief), monitor.version) for belief in found]


def _meet(one: list[str], other: list[str]) -> bool:
    """Whether one place is the other, or within it."""
    return all(a == b for a, b in zip(one, other, strict=False))


def scalars(value: Any) -> set[str]:
    """Every number and text in a JSON value, as text."""
    if isinstance(value, Mapping):
        return set().union(*map(scalars, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(scalars, value)) if value else set()
    return {str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)}
