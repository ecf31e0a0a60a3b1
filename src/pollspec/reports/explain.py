"""`pollspec explain`: one belief in full: its claim, the sentence, where that stands, how it is tried."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Sequence

from pollspec import spec
from pollspec.document import expressions
from pollspec.document.conditions import expected, show
from pollspec.document.keywords import KEYWORDS, Provoked, Role, Scope
from pollspec.document.loader import load
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.errors import UsageError, nearest
from pollspec.judge.keywords import JUDGING, wants
from pollspec.servers import faults
from pollspec.trial.request import build
from pollspec.trial.target import Polls

GRADES = {
    "source": "the vendor's own words",
    "observed": "what the vendor's public clients or sister pages show, this page being silent",
    "implied": "our reading",
}
LABEL = 12
"""Characters that a label takes."""


def explain(wanted: str, document: str | None = None) -> str:
    """The text on a belief, or on each whose id begins so. `document`: a path, for a vendor of one's own."""
    known = document or (name if (name := wanted.split("/")[0]) in spec.names() else None)
    vendors = [load(known)] if known else [load(name) for name in spec.names()]
    beliefs = {belief.id: (vendor, belief) for vendor in vendors for belief in vendor.beliefs}
    chosen = [pair for name, pair in beliefs.items() if name == wanted or name.startswith(f"{wanted.rstrip('/')}/")]
    if not chosen:
        hint = nearest(wanted, beliefs) if "/" in wanted else "pollspec beliefs lists them"
        raise UsageError(f"no belief is called {wanted!r}", hint)
    return "\n".join("\n".join([*_lines(vendor, belief), ""]) for vendor, belief in chosen)


def proofs(vendor: Vendor, belief: Belief) -> list[str]:
    """The faults that prove this belief can object: name, and what a server with it does."""
    return [f"{fault.misdeed.name}: {fault.does}" for fault in _derived(vendor) if fault.belief.id == belief.id]


@functools.cache
def _derived(vendor: Vendor) -> list[faults.Fault]:
    return faults.derive(vendor)


def _lines(vendor: Vendor, belief: Belief) -> Iterator[str]:
    yield belief.id
    yield from _labelled("claim", [belief.claim])
    yield from _labelled(belief.grade, [f"{' '.join(belief.words.split())}", f"({GRADES[belief.grade]})"])
    yield from _labelled("page", [str(vendor.document.content["info"].get("x-page", {}).get("title", ""))])
    yield from _labelled("stands at", [belief.where])
    meaning = inspect.getdoc(JUDGING[belief.keyword]) or ""
    yield from _labelled(belief.keyword, [line for line in meaning.splitlines() if line.strip()])
    yield from _labelled("tried", how(vendor, belief))
    despite = belief.says.get("despite", {}).items()
    yield from _labelled("despite", [f"{variation}: {reason}" for variation, reason in despite])
    row = KEYWORDS[belief.keyword]
    needs_nothing = row.provoked is Provoked.REFUSAL and _needs_nothing(vendor, belief)
    if row.scope is not Scope.DOCUMENT and not needs_nothing:
        yield from _labelled("wants", [f"{wants(vendor, belief)} (at a live server)"])
    yield from _labelled("proved by", proofs(vendor, belief))
    yield from _labelled("run", [f"pollspec test {_typed(vendor)} --only {belief.id}"])


def _needs_nothing(vendor: Vendor, belief: Belief) -> bool:
    """Whether a refusal can be provoked at a live server with nothing but its URL."""
    operation = vendor.operations[belief.operation]
    named = any(parameter.place == "path" for parameter in operation.parameters) or "subject" in belief.says
    return not named and not operation.writes and belief.says.get("credential", "none") == "none"


def _typed(vendor: Vendor) -> str:
    return vendor.slug if vendor.slug in spec.names() else vendor.document.path


def _labelled(label: str, lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if line:
            yield f"    {'' if number else label:<{LABEL}} {line}"


def how(vendor: Vendor, belief: Belief) -> list[str]:
    """How a belief is tried, in sentences: which requests provoke it, or which answers and traces show it."""
    operation = vendor.operations[belief.operation]
    row = KEYWORDS[belief.keyword]
    if row.scope is Scope.DOCUMENT:
        return ["The page's sample is validated; nothing is asked."]
    lines = _provoked(vendor, belief, operation) if row.provoked else []
    if row.follows:
        lines += _followed(vendor, belief, operation)
    elif row.scope is Scope.RUN:
        sent = [text for one, text in vendor.named(operation.id, Role.SECRET) if one is belief]
        lines += [f"A long random value of pollspec's own is sent as {_place(text)}." for text in sent]
        lines.append("Every later answer of the run is searched for it, also in headers and encoded.")
    elif row.provoked is not Provoked.REFUSAL and not lines:
        lines.append(f"Every answer of {operation.id} is judged, whatever was asked.")
    lines += [f"Judged where {clause}." for clause in _conditions(belief, "when")]
    lines += [f"Compared from an answer on where {clause}." for clause in _conditions(belief, "once")]
    lines += [f"Not compared with an answer where {clause}." for clause in _conditions(belief, "unless")]
    return lines


def _provoked(vendor: Vendor, belief: Belief, operation: Operation) -> list[str]:
    """The requests that provoke a belief, and what the answer must be."""
    says = belief.says
    subject = vendor.subjects.get(says.get("subject", ""))
    sends = says.get("sends") or ([{}] if subject and not subject.path else [])
    lines = []
    for sent in sends:
        request = build(vendor, operation, {**(subject.given if subject else {}), **sent})
        unseen = {
            text: v for text, v in sent.items() if v is None or expressions.parse(text).place in {"header", "body"}
        }
        changed = [f"{_place(text)} {'left out' if value is None else show(value)}" for text, value in unseen.items()]
        lines.append(f"{request.method} {request.target}" + (f" with {', '.join(changed)}" if changed else ""))
    credential = says.get("credential", "default")
    if lines and credential != "default":
        lines[-1] += ", without a credential" if credential == "none" else f", with the credential {credential!r}"
    if subject and subject.path:
        lines.append(f"Asked about the subject {subject.name!r} ({', '.join(subject.path)}).")
    lines += [f"Expected: {_clause(text, clause)}." for text, clause in says.get("expect", {}).items()]
    lines += [f"Expected: {says['mentions']} somewhere in the body."] if "mentions" in says else []
    return lines


def _followed(vendor: Vendor, belief: Belief, operation: Operation) -> list[str]:
    """Which traces show a belief that speaks of more than one answer."""
    lifecycle = vendor.lifecycle_of(operation.id)
    if lifecycle is None:
        return ["No lifecycle shows it."]
    after = Polls().after_end
    asked = ", ".join(lifecycle.views)
    lines = [f"{asked} polled every {lifecycle.every:g} s, from first contact to {after} polls after the end."]
    names = [name for name, s in vendor.subjects.items() if s.path and set(s.path) <= set(lifecycle.stages)]
    if belief.says.get("subject"):
        names = [belief.says["subject"]]
    lines += [f"Subject {name!r}: {', '.join(vendor.subjects[name].path)}." for name in names]
    if lifecycle.start:
        lines.append(f"What {lifecycle.start.operation} starts, where writes are allowed.")
    lines += (
        [f"A move from {', '.join(belief.says['from'])} must be one the lifecycle has."]
        if "from" in belief.says
        else []
    )
    lines += [f"The trace must end in {', '.join(belief.says['arrives'])}."] if "arrives" in belief.says else []
    lines.append("Made-up orders of requests are judged as well.")
    return lines


def _conditions(belief: Belief, word: str) -> list[str]:
    """A belief's conditions in words."""
    given = belief.says.get(word) or []
    several = given if isinstance(given, list) else [given]
    return [" and ".join(_clause(text, clause) for text, clause in one.items()) for one in several]


def _clause(text: str, clause: object) -> str:
    """One clause of a condition in words."""
    if isinstance(clause, bool):
        return f"{_place(text)} is {'there' if clause else 'not there'}"
    return f"{_place(text)} is {expected(clause)}"


def _place(text: str) -> str:
    """A runtime expression in words."""
    found = expressions.parse(text)
    if found.place in {"statusCode", "method", "url"}:
        return {"statusCode": "the status"}.get(found.place, found.place)
    if found.place == "body":
        return f"{found.name or 'the body'} of the {'request' if found.side == 'request' else 'answer'}"
    return f"the {found.place if found.place != 'query' else 'parameter'} {found.name}"
