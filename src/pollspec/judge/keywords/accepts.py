"""`accepts`: what was accepted once is accepted throughout."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pollspec.document import expressions
from pollspec.document.allowed import Allowed
from pollspec.document.lifecycles import identity, is_gap
from pollspec.document.messages import MISSING
from pollspec.judge.exchange import Exchange
from pollspec.judge.expecting import refusals
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.trace import Instance
from pollspec.judge.verdict import Finding, Trial

UNTOLD = frozenset({401, 403, 407, 408, 409, 421, 423, 425, 429})
"""Refusals that speak of logins, of what is busy, or of limits (RFC 9110, 15.5): not of what was asked."""
VANISHED = frozenset({404, 410})
"""Refusals that a thing may get once it is over."""
MOST = 8
"""Refusals in a row that wait for an acceptance after them."""


class _Before:
    """What is known of a thing: its last acceptance, and the refusals since then."""

    def __init__(self) -> None:
        self.accepted: Exchange | None = None
        self.refused: list[Exchange] = []


class Judging(Monitor):
    """`allowed`: a thing that was shown is shown whenever the page allows the request. `login`: no 401 in between.

    With a `subject`: it is shown once at least, if it is asked about. With a `login`: who asks with it is let in.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        told = _There if "subject" in self.says else _LetIn if "login" in self.says else None
        self.inner = (told or (_Login if self.belief.name == "login" else _Request))(*given)
        self.single = self.inner.single

    def see(self, sight: Sight) -> None:
        """As one of them sees it."""
        self.inner.see(sight)

    def conclude(self) -> Iterable[Trial]:
        """As one of them has it."""
        return self.inner.conclude()


class _There(Monitor):
    """Judged at the end: a subject that is let see nothing of itself all along."""

    single = True

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.shown = False
        self.refused: Finding | None = None

    def see(self, sight: Sight) -> None:
        """Whether something is shown; who is refused for his login, or for the rest of his request, says nothing."""
        exchange = sight.exchange
        if exchange.subject != self.says["subject"] or exchange.credential != "default" or is_gap(sight.answer):
            return
        if sight.status < 400 and (sight.response is not None or sight.stages is not None):
            self.shown = True
        elif sight.status not in UNTOLD and not sight.strange:
            found = Finding("something of it", str(sight.status), exchange)
            self.refused = min(self.refused or found, found, key=lambda one: one.weight)

    def conclude(self) -> Iterable[Trial]:
        """Whether it was shown at all."""
        if self.shown:
            yield None
        elif self.refused is not None:
            yield self.refused


class _LetIn(Monitor):
    """A login that is to be accepted, with whatever may not be refused for another reason."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.refusals = refusals(self)

    def see(self, sight: Sight) -> None:
        """Whether it is."""
        if sight.exchange.login != self.says["login"] or is_gap(sight.answer):
            return
        if sight.status in {401, 403} and not any(one.may_refuse(sight, set()) for one in self.refusals):
            self.tally.found(Finding("a login that is let in", str(sight.status), sight.exchange))
        elif sight.status < 400:
            self.tally.held()


class _Bracketing(Monitor):
    """A refusal between two acceptances of the same."""

    expected = ""

    def accepted(self, before: _Before, exchange: Exchange) -> None:
        """An acceptance: what was refused since the last one contradicts both."""
        if before.accepted is None:
            before.accepted = exchange
            self.tally.held()
            return
        between = [one for one in before.refused if before.accepted.end <= one.start and one.end <= exchange.start]
        for one in between:
            self.broken(one, before.accepted)
        if not between:
            self.tally.held()
        before.accepted, before.refused = exchange, []

    def refused(self, before: _Before, exchange: Exchange) -> None:
        """A refusal, which may be followed by an acceptance."""
        if before.accepted is not None:
            before.refused = [*before.refused, exchange][-MOST:]

    def broken(self, exchange: Exchange, accepted: Exchange) -> None:
        """A refusal of what was accepted."""
        self.tally.found(Finding(self.expected, str(exchange.status), exchange, accepted))


class _Request(_Bracketing):
    expected = "no refusal, as before"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.allowed = Allowed(self.vendor, self.vendor.operations[self.belief.operation])
        self.refusals = refusals(self)

    def see(self, sight: Sight) -> None:
        """Hold a refusal against what was shown before and after."""
        instance, exchange = sight.instance, sight.exchange
        if instance is None or exchange.credential != "default" or is_gap(sight.answer):
            return
        before: _Before = instance.notes.setdefault(self, _Before())
        if sight.status < 400:
            if sight.stages is not None:
                self.accepted(before, exchange)
        elif sight.stages is None and sight.status not in UNTOLD and self._may_not_be_refused(sight):
            if before.accepted is None or before.accepted.end > exchange.start:
                return
            if sight.late or instance.over or sight.status in VANISHED:
                self.refused(before, exchange)
            else:
                self.broken(exchange, before.accepted)

    def _may_not_be_refused(self, sight: Sight) -> bool:
        return self.allowed(sight.request) and not any(one.may_refuse(sight, set()) for one in self.refusals)


class _Login(_Bracketing):
    expected = "no 401, as before"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        texts = {*self.vendor.signing.places, "$request.header.Authorization"}
        self.signed = [expressions.getter(text) for text in sorted(texts)]
        self.unknown: dict[tuple[Any, ...], _Before] = {}
        view = self.vendor.view_of(self.belief.operation)
        self.about = [expressions.getter(text) for text in view.instance] if view and not view.latest else []

    def see(self, sight: Sight) -> None:
        """Hold a 401 against what the same login got before and after for the same thing."""
        exchange = sight.exchange
        if sight.answer is None or exchange.credential in {"none", "invalid"}:
            return
        if sight.status >= 400 and (sight.status != 401 or sight.strange or self.vendor.misfits(sight.request)):
            return
        signature = tuple(get(sight.request, None) for get in self.signed)
        if all(part is MISSING for part in signature):
            return
        about = identity([get(sight.request, None) for get in self.about])
        before = self._notes(sight.instance).setdefault((self, exchange.session, signature, about), _Before())
        (self.refused if sight.status == 401 else self.accepted)(before, exchange)

    def _notes(self, instance: Instance | None) -> dict[Any, Any]:
        return self.unknown if instance is None else instance.notes
