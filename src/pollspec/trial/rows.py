"""Which requests are made of the factors: each value once in neutral company, each refusal once with an option, then
every pair of values once.

A covering array has them in the order of most new pairs, so that the first of them tell the most.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import covertable

from pollspec.document.operations import Operation
from pollspec.document.vendor import Vendor
from pollspec.trial.factors import AFTER, AGAIN, LOGIN, TWICE, UNHEARD_OF, WHOM, Factor, Value

Places = dict[str, int]
"""A row: the factor's name -> the place of its value."""


@dataclass(frozen=True)
class Ask:
    """One request to be made, once or twice. `values`: what it sends; `row`: the values of the factors that it has.

    `credential`: the name of a login. `before`: what is asked just before it, and accepted.
    """

    operation: Operation
    values: Mapping[str, Any]
    credential: str
    subject: str | None
    row: tuple[tuple[str, str], ...]
    times: int = 1
    before: Ask | None = None

    @property
    def whole(self) -> list[Ask]:
        """All that is asked for it, in order."""
        return [*([self.before] if self.before else []), *[self] * self.times]


class Table:
    """The rows of an operation's factors.

    `pairs`: requests up to which more than each value by itself is tried.
    """

    def __init__(self, vendor: Vendor, operation: Operation, factors: Sequence[Factor], seed: int, pairs: int) -> None:
        self.vendor, self.operation = vendor, operation
        self.factors = {factor.name: factor for factor in factors}
        self.seed, self.pairs = seed, pairs

    def asks(self) -> list[Ask]:
        """Every request, the most telling ones first; what was asked first, once more at the end."""
        if WHOM not in self.factors:
            return []
        rows = self.alone()
        alone = [self._ask(row) for row in rows]
        left = self.pairs - sum(len(ask.whole) for ask in alone) - 1
        if left <= 0:
            return alone
        together = []
        tempting = [row for row in self.tempting() if row not in rows]
        for row in [*tempting, *self.together([*rows, *tempting])]:
            ask = self._ask(row)
            left -= len(ask.whole)
            if left >= 0:
                together.append(ask)
        return [*alone, *together, alone[0]]

    def alone(self) -> list[Places]:
        """Each value in neutral company, or in the company that its belief wants.

        What is welcome in any company goes round those who rest; to ask again tells something only of something.
        """
        neutral = dict.fromkeys(self.factors, 0)
        resting = [place for place, value in enumerate(self.factors[WHOM].values) if value.rests] or [0]
        found = [neutral]
        for name, factor in self.factors.items():
            for place, value in enumerate(factor.values if name != AGAIN else ()):
                company = {WHOM: resting[len(found) % len(resting)]} if value.welcome else self._company(value)
                row = {**neutral, **company, name: place}
                if row not in found:
                    found.append(row)
        return found

    def _company(self, value: Value) -> Places:
        """Where the values stand that a value's belief wants of the other factors."""
        found = {}
        for name, wanted in value.company.items():
            values = self.factors[name].values
            apt = [wanted in {other.subject, other.label} for other in values]
            found[name] = apt.index(True) if True in apt else 0
        return found

    def tempting(self) -> list[Places]:
        """Each refusal with an option, going round: a refusal holds in every company, the second time as the first."""
        neutral = dict.fromkeys(self.factors, 0)
        options = [
            {name: place}
            for name, factor in self.factors.items()
            for place, value in enumerate(factor.values if name not in {WHOM, LOGIN, AGAIN} else ())
            if value.welcome and value.sets is not UNHEARD_OF
        ]
        refused = [
            {**self._company(value), AGAIN: 0, name: place}
            for name in (LOGIN, WHOM)
            for place, value in sorted(enumerate(self.factors[name].values), key=lambda one: one[1].subject is not None)
            if not value.alone and not value.rests and (place or name == WHOM)
        ]
        return [{**neutral, **row, **options[n % len(options)]} for n, row in enumerate(refused)] if options else []

    def together(self, alone: Sequence[Places]) -> list[Places]:
        """The rows of a covering array of strength 2 that are not among those alone."""
        many = {
            name: [place for place, value in enumerate(factor.values) if not value.alone]
            for name, factor in self.factors.items()
        }
        if len(many) < 2:
            return []
        presets = [row for row in alone if all(place in many[name] for name, place in row.items())]
        made = covertable.make(many, strength=2, presets=presets, salt=str(self.seed))
        rows = [{name: row[name] for name in self.factors} for row in made]
        return [row for row in rows if row not in alone]

    def share(self, asked: Sequence[Ask]) -> tuple[int, int]:
        """How many of the pairs of values were asked, of how many."""
        many = {n: [v.label for v in factor.values if not v.alone] for n, factor in self.factors.items()}
        wanted = {
            frozenset({(one, a), (other, b)})
            for one, other in itertools.combinations(many, 2)
            for a, b in itertools.product(many[one], many[other])
        }
        had = {frozenset(pair) for ask in asked for pair in itertools.combinations(ask.row, 2)}
        return len(wanted & had), len(wanted)

    def _ask(self, row: Places) -> Ask:
        chosen = {name: self.factors[name].values[place] for name, place in row.items()}
        credential, whom = chosen[WHOM].login, chosen[WHOM].sets
        if row[LOGIN]:  # somebody else asks than who asks about it as a rule
            credential = chosen[LOGIN].label
            whom = {text: value for text, value in whom.items() if text not in self.vendor.signing.places}
        values = {**whom, **{t: v for name, one in chosen.items() if name != WHOM for t, v in one.sets.items()}}
        labels = tuple((name, value.label) for name, value in chosen.items())
        after = chosen[AGAIN].label == AFTER
        before = self._ask({**dict.fromkeys(row, 0), WHOM: row[WHOM]}) if after else None
        times = 2 if chosen[AGAIN].label == TWICE or (after and not chosen[LOGIN].alone) else 1
        return Ask(self.operation, values, credential, chosen[WHOM].subject, labels, times, before)
