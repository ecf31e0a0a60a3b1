"""What holds along one instance's trace: values that grow or stay, moves between stages, two views of one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..grammar import expressions, pointers
from ..grammar.conditions import Condition, any_holds, exceeds, same, show
from ..grammar.lifecycles import TERMINAL, is_gap, is_passing
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
    """`value` does not go back; of a list, its length. `unless`: an answer that meets this ends the comparison."""
    return _follow(belief, evidence, [belief.says["value"]], _outdoes, "at least")


def _outdoes(earlier: Any, later: Any) -> bool | None:
    return exceeds(*(len(value) if isinstance(value, list) else value for value in (earlier, later)))


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
    """Judged where a subject's trace ends: in one of the stages, or for good in a state that is not documented."""
    wanted = frozenset(belief.says["arrives"])
    for trace in evidence.traces(belief.says["of"]):
        mine = [
            e
            for e in trace.exchanges
            if e.operation == belief.operation
            and e.subject == belief.says["subject"]
            and e.credential == "default"
            and not is_gap(e.answer)
            and not evidence.vendor.projects(e.request)
        ]
        if any(
            (trace.shown(exchange) or frozenset()) & wanted for exchange in mine if not _is_strange(trace, exchange)
        ):
            yield None
        elif _stands(trace, mine[-STANDING:]):
            yield Finding(_names(trace, belief.operation, wanted), _state(trace, mine[-1]), mine[-1])
        elif mine and _succeeds_instead(trace, mine[-1], wanted):
            doubt = "unless the subject is not one that fails, as the target file has it"
            yield Finding(_names(trace, belief.operation, wanted), _state(trace, mine[-1]), mine[-1], alternative=doubt)


def _succeeds_instead(trace: Trace, at: Exchange, wanted: frozenset[str]) -> bool:
    """Whether what is known to fail shows a success."""
    lifecycle, shown = trace.lifecycle, trace.shown(at)
    return lifecycle.kinds(shown) == {"done"} and lifecycle.kinds(wanted) == {"failed"}


STANDING = 3
"""Answers in a row after which a state that is not documented is taken for the end."""


def _stands(trace: Trace, last: list[Exchange]) -> bool:
    """Whether the last answers show one and the same state, and not a documented one."""
    strange = [exchange for exchange in last if _is_strange(trace, exchange)]
    return len(strange) == STANDING and len({_state(trace, exchange) for exchange in strange}) == 1


def _is_strange(trace: Trace, exchange: Exchange) -> bool:
    """Whether an answer is no refusal and shows no documented state."""
    shown = trace.shown(exchange)
    refused = exchange.answer is None or exchange.answer.status >= 400
    return not refused and (shown is None or shown == frozenset(trace.lifecycle.stages))


def _names(trace: Trace, operation: str, stages: frozenset[str]) -> str:
    """What an operation shows in some stages, in words."""
    states = [trace.lifecycle.stages[stage].states.get(operation) for stage in sorted(stages)]
    return " or ".join(dict.fromkeys(_shown_as(state) for state in states if state is not None)) or "another state"


def _shown_as(state: Any) -> str:
    if isinstance(state, Mapping):
        return f"status {state['status']}" if "status" in state else "no state"
    return show(state)


def hands_over(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """What `gives` carries is found by the operation `to`: the first answer about it is a success.

    `anew`: no earlier start gave the same. `shows`: and meets this. `waits-less-than`: a start that took fewer seconds
    has not waited for the end; one that took longer must not be at its end when first seen.
    """
    vendor, says = evidence.vendor, belief.says
    when, shows = vendor.condition(says.get("when")), vendor.condition(says.get("shows"))
    for trace, start, first in _handed_over(belief, evidence):
        if not when.holds(start.request, start.answer) or first.answer is None:
            continue
        if "anew" in says:
            given = _given_before(belief, evidence, start)
            yield Finding("an identifier of its own", "that of an earlier start", start, given) if given else None
        elif "waits-less-than" in says:
            over = trace.shown(first) and trace.lifecycle.kinds(trace.shown(first)) <= TERMINAL
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


def _given_before(belief: Belief, evidence: Evidence, start: Exchange) -> Exchange | None:
    """The earlier start in the same session that gave the same identifier."""
    given = expressions.value(belief.says["gives"], start.request, start.answer)
    for other in evidence.of(belief.operation):
        earlier = other.number < start.number and other.end <= start.start
        before = other.session == start.session and earlier and other.succeeded
        if before and same(given, expressions.value(belief.says["gives"], other.request, other.answer)):
            return other
    return None


def _handed_over(belief: Belief, evidence: Evidence) -> Iterator[tuple[Trace, Exchange, Exchange]]:
    found = evidence.vendor.lifecycle_of(belief.operation)
    for trace in evidence.traces(found.name) if found else []:
        starts = [e for e in trace.exchanges if e.operation == belief.operation]
        for start in starts if "anew" in belief.says else starts[:1]:
            if expressions.value(belief.says["gives"], start.request, start.answer) is MISSING:
                continue
            asked = [e for e in trace.exchanges if e.operation == belief.says["to"] and e.credential == "default"]
            told = [e for e in asked if e.start >= start.end and e.answer and not is_passing(e.answer)]
            for first in told[:1]:
                yield trace, start, first


def agrees(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """Once the instance that was started last has shown its end `with` one operation, this one shows the same end."""
    for trace in evidence.traces(belief.says["of"]):
        start, lifecycle = trace.lifecycle.start, trace.lifecycle
        if start is None or not any(exchange.operation == start.operation for exchange in trace.exchanges):
            continue
        ended: tuple[Exchange, frozenset[str]] | None = None
        for exchange in trace.exchanges:
            shown = trace.shown(exchange)
            if not shown:
                continue
            if exchange.operation == belief.says["with"] and lifecycle.kinds(shown) <= {"done", "failed"}:
                ended = exchange, shown
            elif exchange.operation == belief.operation and ended and ended[0].end <= exchange.start:
                stages = lifecycle.after(ended[1])
                expected, actual = _names(trace, belief.operation, stages), _state(trace, exchange)
                yield None if shown & stages else Finding(expected, actual, exchange, ended[0])
