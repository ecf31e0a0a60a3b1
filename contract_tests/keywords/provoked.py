"""What an answer must be to a request of a certain kind: named subjects, bad requests, projections, secrets."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.specifiers import SpecifierSet

from ..grammar import expressions, projections
from ..grammar.conditions import show
from ..grammar.lifecycles import is_passing
from ..messages import MISSING
from ..trace import Evidence, Exchange
from ..vendor import Belief
from ..verdict import Finding

SHORTEST_SECRET = 16
"""Characters. A shorter value is no evidence: it may stand in an answer by chance."""


def answers(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """A request about a `subject`, or one that meets `when`, gets an answer that meets `expect` and `mentions`.

    A subject past its end may have vanished, so that nothing is expected of it any more; unless the belief `sends`
    something, for then it speaks of what is sent.
    """
    subject = belief.says.get("subject")
    passing = subject and evidence.vendor.subjects[subject].path and "sends" not in belief.says
    past_its_end = evidence.late if passing else frozenset()
    for exchange in _concerned(belief, evidence):
        if exchange.number not in past_its_end:
            yield _meets(belief, evidence, exchange)


def refuses(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """A bad request gets an answer that meets `expect`."""
    for exchange in _concerned(belief, evidence):
        yield _meets(belief, evidence, exchange)


def _concerned(belief: Belief, evidence: Evidence) -> Iterator[Exchange]:
    """The exchanges a belief speaks of: by the credential and subject that were used, and by what was asked."""
    says = belief.says
    conditions = evidence.vendor.recognises(belief)
    for exchange in evidence.of(belief.operation):
        if exchange.answer is None or is_passing(exchange.answer) or evidence.vendor.is_strange(exchange.request):
            continue
        if exchange.credential != says.get("credential", "default"):
            continue
        denied = belief.keyword == "answers" and exchange.answer.status in {401, 403}
        if denied and _wrong(says, evidence, exchange):
            continue  # the credential was not accepted: that is another matter than what is asked here
        if belief.keyword == "answers" and says.get("subject") not in {None, exchange.subject}:
            continue
        if not conditions or any(c.holds(exchange.request, exchange.answer) for c in conditions):
            yield exchange


def _meets(belief: Belief, evidence: Evidence, exchange: Exchange) -> Finding | None:
    """What is believed of every version is always right; an observed alternative is, in the versions that have it.

    Without a version it may be one of those, so that meeting the alternative only deviates.
    """
    wrong = _wrong(belief.says, evidence, exchange)
    if wrong is None:
        return None
    expected, actual = wrong
    for other in belief.says.get("or", []):
        apt = evidence.version is None or SpecifierSet(other["versions"]).contains(evidence.version, prereleases=True)
        missed = _wrong(other, evidence, exchange)
        if apt and missed is None:
            named = f"{other['observed']} ({other['versions']})"
            return Finding(expected, actual, exchange, alternative=named) if evidence.version is None else None
        if apt and missed is not None and evidence.version is not None:
            expected = f"{expected}; or, as in {other['versions']}, {missed[0]}"
    return Finding(expected, actual, exchange)


def _wrong(says: Mapping[str, Any], evidence: Evidence, exchange: Exchange) -> tuple[str, str] | None:
    """What was expected and what is there, or None if all is as it should be."""
    assert exchange.answer is not None
    failed = list(evidence.vendor.condition(says.get("expect")).failures(exchange.request, exchange.answer))
    if failed:
        wanted = "; ".join(f"{failure.place}: {failure.expected}" for failure in failed)
        return wanted, "; ".join(failure.actual for failure in failed)
    if "mentions" in says and str(says["mentions"]) not in scalars(exchange.answer.reading.value):
        return f"{says['mentions']} somewhere in the body", show(exchange.answer.reading.value)
    return None


def scalars(value: Any) -> set[str]:
    """Every number and text in a JSON value, as text."""
    if isinstance(value, Mapping):
        return set().union(*map(scalars, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(scalars, value)) if value else set()
    return {str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)}


def keeps_secret(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """What was sent in `field` comes back in no answer: not in a body, not in a header, not encoded."""
    secrets: dict[str, Exchange] = {}
    for exchange in evidence.of(belief.operation):
        value = expressions.value(belief.says["field"], exchange.request)
        if isinstance(value, str) and len(value) >= SHORTEST_SECRET and exchange.answer is not None:
            secrets[value] = exchange
    for secret, sent in secrets.items():
        found = next((e for e in evidence.exchanges if e.start >= sent.start and reveals(e, secret)), None)
        yield Finding("the secret nowhere", "the secret in an answer", found, sent) if found else None


def reveals(exchange: Exchange, secret: str) -> bool:
    """Whether an answer holds a secret: as it is, quoted for a URL, or in base64."""
    if exchange.answer is None:
        return False
    headers = "\n".join(value for _, value in exchange.answer.headers)
    text = exchange.answer.content.decode("utf-8", "replace") + headers
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return any(form in text for form in {secret, urllib.parse.quote(secret, safe=""), encoded})


def selects(belief: Belief, evidence: Evidence) -> Iterator[Finding | None]:
    """What `parameter` does not name is not in the answer. `complete`: what it names is, if the full answer has it."""
    for exchange in evidence.of(belief.operation):
        text = expressions.value(belief.says["parameter"], exchange.request)
        if (
            not isinstance(text, str)
            or not exchange.succeeded
            or exchange.answer is None
            or exchange.answer.reading.unreadable
        ):
            continue
        try:
            tree = projections.parse(text)
        except ValueError:
            continue
        body = exchange.answer.reading.value
        if belief.says.get("complete"):
            full = _full(belief, evidence, exchange)
            if full is not None:
                lacking = _lacking(projections.project(full, tree), body)
                yield Finding(f"{', '.join(lacking)} as in the full answer", show(body), exchange) if lacking else None
        else:
            extra = projections.excess(body, tree)
            yield Finding(f"nothing but {text}", ", ".join(extra), exchange) if extra else None


def _full(belief: Belief, evidence: Evidence, projected: Exchange) -> Any:
    """The answer to the same request without the projection, nearest before it; None if there is none."""
    asked = expressions.parse(belief.says["parameter"]).name
    for exchange in reversed(evidence.of(belief.operation)):
        same_thing = (
            exchange.request.parameters == projected.request.parameters and exchange.session == projected.session
        )
        if (
            same_thing
            and exchange.succeeded
            and exchange.end <= projected.start
            and asked not in exchange.request.query
        ):
            return exchange.answer.reading.value if exchange.answer else None
    return None


def _lacking(wanted: Any, actual: Any, place: str = "") -> list[str]:
    """The named places that a projection lacks; values may have moved on since."""
    if isinstance(wanted, list) and isinstance(actual, list):
        return [p for i, (w, a) in enumerate(zip(wanted, actual, strict=False)) for p in _lacking(w, a, f"{place}/{i}")]
    if not isinstance(wanted, dict):
        return []
    missing = []
    for name, value in wanted.items():
        inner = actual.get(name, MISSING) if isinstance(actual, dict) else MISSING
        missing += [f"{place}/{name}"] if inner is MISSING else _lacking(value, inner, f"{place}/{name}")
    return missing
