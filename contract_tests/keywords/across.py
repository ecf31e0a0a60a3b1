"""What holds along one instance's trace: values that grow or stay, moves between stages, two views of one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from .. import expressions, pointers
from ..conditions import Condition, any_holds, exceeds, same, show
from ..lifecycles import TERMINAL
from ..messages import MISSING
from ..trace import Evidence, Exchange, Trace, settled
from ..vendor import Belief
from ..verdict import Finding

Values = dict[str, Any]


def _runs(belief: Belief, evidence: Evidence) -> Iterator[tuple[Trace, list[Exchange]]]:
    lifecycle = evidence.vendor.lifecycle_of(belief.operation)
    for trace in evidence.traces(lifecycle.name) if lifecycle else []:
        for run in trace.runs(belief.operation):
            yield trace, run


def _values(belief: Belief, pointers_or_texts: list[str], exchange: Exchange) -> Values:
    """The values that a belief follows: of the answer, or of each item of a list by what identifies it."""
    if "each" not in belief.says:
        found = {text: expressions.value(text, exchange.request, exchange.answer) for text in pointers_or_texts}
        return {text: value for text, value in found.items() if value is not MISSING and value is not None}
    each = belief.says["each"]
    items = expressions.value(each["in"], exchange.request, exchange.answer)
    names = [pointers.get(item, each["by"]) for item in items] if isinstance(items, list) else []
    counted = Counter(name for name in names if isinstance(name, str | int))
    return {
        f"{text} of {str(name).casefold()}": value
        for name, item in zip(names, items if names else [], strict=True)
        for text in pointers_or_texts
        if isinstance(name, str | int)
        and counted[name] == 1
        and (value := pointers.get(item, text)) not in (MISSING, None)
    }


def _follow(
    belief: Belief, evidence: Evidence, texts: list[str], breaks: Callable[[Any, Any], bool | None], expected: str
) -> Iterator[Finding | None]:
    """Compare each value with the last settled one before it; `breaks` says None where it cannot tell."""
    unless = evidence.vendor.conditions(belief.says.get("unless"))
    once = evidence.vendor.condition(belief.says.get("once"))
    for _, run in _runs(belief, evidence):
        known: dict[str, tuple[Any, Exchange]] = {}
        for exchange, fresh in settled(run):
            for before in fresh:
                if any_holds(unless, before.request, before.answer):
                    known.clear()
                elif once.holds(before.request, before.answer):
                    for text, value in _values(belief, texts, before).items():
                        if text not in known or not breaks(known[text][0], value):
                            known[text] = (value, before)
            if any_holds(unless, exchange.request, exchange.answer):
                continue
            for text, value in _values(belief, texts, exchange).items():
                if text in known and (broken := breaks(known[text][0], value)) is not None:
                    earlier, since = known[text]
                    yield (
                        Finding(f"{text}: {expected} {show(earlier)}", show(value), exchange, since) if broken else None
                    )


def never_decreases(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """`value` does not go back. `unless`: an answer that meets one of these ends the comparison."""
    return _follow(belief, evidence, [belief.says["value"]], exceeds, "at least")


def never_changes(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """`values` stay what they are as soon as they are known. `once`: from an answer on that meets this."""
    return _follow(
        belief, evidence, belief.says["values"], lambda earlier, later: not same(earlier, later), "as before,"
    )


def lifecycle(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """`from`: these stages are followed only by what may follow them. `arrives`: a `subject` ends in these stages."""
    if "arrives" in belief.says:
        yield from _arrives(belief, evidence)
        return
    leaving = frozenset(belief.says["from"])
    unless = evidence.vendor.conditions(belief.says.get("unless"))
    for trace, run in _runs(belief, evidence):
        for before, at, stages, held in _moves(trace, run, unless):
            if stages & leaving:
                expected = f"{_state(trace, before)} or what may follow it"
                yield None if held else Finding(expected, _state(trace, at), at, before)


def _state(trace: Trace, exchange: Exchange) -> str:
    """The state that an exchange shows, in words."""
    if exchange.answer is None:
        return "no answer"
    state = trace.lifecycle.state(exchange.operation, exchange.request, exchange.answer)
    return f"{exchange.answer.status} without a state" if state is MISSING else show(state)


def _moves(
    trace: Trace, run: list[Exchange], unless: list[Condition]
) -> Iterator[tuple[Exchange, Exchange, frozenset[str], bool]]:
    """Each move of a run: before, after, the stages it may have left, whether the graph has it.

    A set of possible stages is carried along, because several may show the same state; a state that the document does
    not list may be any.
    """
    everything = allowed = frozenset(trace.lifecycle.stages)
    last: Exchange | None = None
    possible: dict[int, frozenset[str]] = {}
    for at, fresh in settled(run):
        for before in fresh:
            now = possible[before.number]
            after = trace.lifecycle.after(now)
            allowed = everything if now == everything else allowed & after or after
            last = before
        shown = trace.shown(at) or everything
        if any_holds(unless, at.request, at.answer):
            shown = everything
        held = bool(shown & allowed)
        possible[at.number] = everything if shown == everything else (shown & allowed if held else shown)
        if last is not None and possible[last.number] != everything:
            yield last, at, possible[last.number], held


def _arrives(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """Judged where a subject's trace ends: in one of the stages, or in a state that the document does not list."""
    wanted = frozenset(belief.says["arrives"])
    for trace, run in _runs(belief, evidence):
        run = [e for e in run if e.subject == belief.says["subject"] and e.credential == "default"]
        if not run:
            continue
        stages = trace.lifecycle.stages
        states = [trace.lifecycle.state(belief.operation, e.request, e.answer) for e in run if e.answer]
        if (trace.shown(run[-1]) or frozenset()) & wanted:
            yield None
        elif trace.shown(run[-1]) == frozenset(stages) and states[-3:] == [states[-1]] * 3:
            names = [show(stages[name].states[belief.operation]) for name in belief.says["arrives"]]
            yield Finding(" or ".join(names), show(states[-1]), run[-1])


def hands_over(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """What `gives` carries is found by the operation `to`: the first answer about it is a success.

    `shows`: and meets this. `waits-less-than`: a start that took fewer seconds has not waited for the end; one that
    took longer must not be at its end when first seen.
    """
    vendor, says = evidence.vendor, belief.says
    when, shows = vendor.condition(says.get("when")), vendor.condition(says.get("shows"))
    for trace, start, first in _handed_over(belief, evidence):
        if not when.holds(start.request, start.answer) or first.answer is None or first.answer.status in {429, 503}:
            continue
        if "waits-less-than" in says:
            over = trace.lifecycle.kinds(trace.shown(first) or frozenset()) <= TERMINAL and trace.shown(first)
            waited = start.end - start.start
            late = over and waited >= says["waits-less-than"]
            yield (
                Finding("an answer before the end", f"an answer after {waited:.0f} s, at the end", start, None)
                if late
                else None
            )
        elif not first.succeeded:
            yield Finding(f"{says['to']} finds it", f"{first.answer.status}", first, start)
        elif failed := list(shows.failures(first.request, first.answer)):
            yield Finding(failed[0].expected, failed[0].actual, first, start)
        else:
            yield None


def _handed_over(belief: Belief, evidence: Evidence) -> Iterator[tuple[Trace, Exchange, Exchange]]:
    found = evidence.vendor.lifecycle_of(belief.operation)
    for trace in evidence.traces(found.name) if found else []:
        starts = [e for e in trace.exchanges if e.operation == belief.operation]
        for start in starts[:1]:
            if expressions.value(belief.says["gives"], start.request, start.answer) is MISSING:
                continue
            asked = [e for e in trace.exchanges if e.operation == belief.says["to"] and e.credential == "default"]
            for first in [e for e in asked if e.start >= start.end][:1]:
                yield trace, start, first


def agrees(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """Once the instance that was started last has shown its end `with` one operation, this one shows the same end."""
    for trace in evidence.traces(belief.says["of"]):
        start = trace.lifecycle.start
        if start is None or not any(exchange.operation == start.operation for exchange in trace.exchanges):
            continue
        ended: Exchange | None = None
        for exchange in trace.exchanges:
            shown = trace.shown(exchange)
            if (
                exchange.operation == belief.says["with"]
                and shown
                and trace.lifecycle.kinds(shown) <= {"done", "failed"}
            ):
                ended = exchange
            elif exchange.operation == belief.operation and ended and shown and ended.end <= exchange.start:
                stages = trace.lifecycle.after(trace.shown(ended) or frozenset())
                state = expressions.value(
                    trace.lifecycle.views[belief.operation].state, exchange.request, exchange.answer
                )
                names = [
                    show(trace.lifecycle.stages[s].states[belief.operation]) for s in sorted(trace.shown(ended) or ())
                ]
                yield None if shown & stages else Finding(" or ".join(names), show(state), exchange, ended)
