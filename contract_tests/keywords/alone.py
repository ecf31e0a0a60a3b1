"""What one answer says by itself: repetitions, bounds, counts, conditions."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from typing import Any

from ..grammar import expressions, pointers
from ..grammar.conditions import exceeds, is_number, same, show
from ..messages import MISSING
from ..trace import Evidence, Exchange
from ..vendor import Belief
from ..verdict import Finding


def _successes(belief: Belief, evidence: Evidence) -> Iterator[Exchange]:
    """The answers that are no refusal and meet the belief's `when`."""
    when = evidence.vendor.condition(belief.says.get("when"))
    for exchange in evidence.of(belief.operation):
        if (
            exchange.answer is not None
            and exchange.answer.status < 400
            and when.holds(exchange.request, exchange.answer)
        ):
            yield exchange


def echoes(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """`value` repeats `of`, a part of the request. A link may be absolute, or stand behind a prefix.

    `part`: it only holds it. `known`: it repeats what an earlier answer about the same instance said.
    """
    for exchange in _successes(belief, evidence):
        said = _said_before(belief, evidence, exchange) if "known" in belief.says else exchange
        if said is None:
            continue
        wanted = expressions.value(belief.says["of"], said.request, said.answer)
        actual = expressions.value(belief.says["value"], exchange.request, exchange.answer)
        if actual is MISSING or actual is None or wanted is MISSING:
            continue
        if belief.says.get("part"):
            repeats = str(wanted).casefold() in urllib.parse.unquote(str(actual)).casefold()
        else:
            repeats = leads_to(actual, wanted) if str(wanted).startswith("/") else same(actual, wanted)
        yield None if repeats else Finding(show(wanted), show(actual), exchange)


def _said_before(belief: Belief, evidence: Evidence, at: Exchange) -> Exchange | None:
    """The last answer about the same instance before, that has what is to be repeated."""
    lifecycle = evidence.vendor.lifecycle_of(belief.operation)
    for trace in evidence.traces(lifecycle.name) if lifecycle else []:
        if at in trace.exchanges:
            for before in reversed(trace.exchanges):
                said = expressions.value(belief.says["of"], before.request, before.answer)
                if before.end <= at.start and before.number < at.number and said is not MISSING:
                    return before
    return None


def leads_to(link: object, path: str) -> bool:
    """Whether a link (a URI reference) ends in a path; a query, an origin and a prefix before it are its own affair."""
    if not isinstance(link, str):
        return False
    try:
        given = urllib.parse.unquote(urllib.parse.urlsplit(link).path).rstrip("/")
    except ValueError:
        return False
    wanted = path.rstrip("/")
    return given.casefold().endswith(wanted.casefold()) and (same(given[-len(wanted) :], wanted))


def at_most(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """`value` does not exceed `limit`: two numbers, or two date-times."""
    for exchange in _successes(belief, evidence):
        written = [expressions.value(belief.says[key], exchange.request, exchange.answer) for key in ("value", "limit")]
        too_much = exceeds(*written)
        if too_much is not None:
            yield Finding(f"at most {show(written[1])}", show(written[0]), exchange) if too_much else None


def counts(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """The `items` of a list (those that satisfy `where`), together with the number `plus`, are `at-most` a number."""
    for exchange in _successes(belief, evidence):
        items = expressions.value(belief.says["items"], exchange.request, exchange.answer)
        limit = expressions.value(belief.says["at-most"], exchange.request, exchange.answer)
        plus = expressions.value(belief.says["plus"], exchange.request, exchange.answer) if "plus" in belief.says else 0
        if not isinstance(items, list) or not (is_number(limit) and is_number(plus)):
            continue
        number = sum(_selected(belief, evidence, item) for item in items)
        said = f"{number} listed" + (f" and {plus} counted" if "plus" in belief.says else "")
        yield None if number + plus <= limit else Finding(f"together at most {limit}", said, exchange)


def _selected(belief: Belief, evidence: Evidence, item: Any) -> bool:
    where = belief.says.get("where", {})
    for pointer, clause in where.items():
        value = pointers.get(item, pointer)
        if value is MISSING or not evidence.vendor.compiled(clause).is_valid(value):
            return False
    return True


def only_when(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """Where `when` holds of an answer of success, `then` does."""
    then = evidence.vendor.condition(belief.says["then"])
    for exchange in _successes(belief, evidence):
        if evidence.vendor.projects(exchange.request):
            continue
        failed = list(then.failures(exchange.request, exchange.answer))
        if failed:
            yield Finding(
                "; ".join(f"{failure.place}: {failure.expected}" for failure in failed),
                "; ".join(failure.actual for failure in failed),
                exchange,
            )
        else:
            yield None
