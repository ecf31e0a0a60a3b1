"""One running operation, polled with GET from now to its end, and judged on what it showed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import UsageError, nearest
from ..explore import Watch, follow
from ..expressions import parse
from ..lifecycles import Lifecycle
from ..target import Given, Target
from ..trace import Exchange
from ..trial import Plan, Trial
from ..vendor import Belief, Vendor


class Vigil(Trial):
    """A trial that asks after one operation and nothing else. `words`: what identifies it, as it was typed."""

    def __init__(
        self,
        vendor: Vendor,
        reach: Callable[[], Target],
        beliefs: Sequence[Belief],
        words: Sequence[str],
        heard: Callable[[Exchange], None],
    ) -> None:
        super().__init__(vendor, reach, Plan(), beliefs)
        self.words, self.heard = words, heard
        self.over = False

    def explore(self) -> None:
        """Follow it to its end, as the document and Retry-After say."""
        target = self.target
        watch = watched(target, self.words)
        target.listeners.append(self.heard)
        follow(target, [watch])
        self.over = watch.ended > 0

    def selecting(self, belief: Belief) -> str:
        """Chance has no part in it."""
        return f"--only {belief.id}"


def watched(target: Target, words: Sequence[str]) -> Watch:
    """What to ask after. Each word is a parameter's `name=value`, a subject's, or the name of a known subject."""
    subject, given = _given(target, words)
    for lifecycle in target.vendor.lifecycles.values():
        if asked := _asked(target.vendor, lifecycle, given):
            return Watch(lifecycle, asked, subject, target.clock())
    lacking = [name for name in _parameters(target.vendor) if name not in {parse(text).name for text in given}]
    examples = " ".join(f"--subject {name}=..." for name in lacking)
    raise UsageError("what identifies the operation is missing", examples or "the document has no operation to watch")


def _asked(vendor: Vendor, lifecycle: Lifecycle, given: Given) -> Mapping[str, Given]:
    """The operations that show it: those that need what is given, and nothing else."""
    credentials = {text for headers in vendor.credentials.values() for text in headers}
    identifiers = {text for text in given if text not in credentials}
    found = {}
    for name in lifecycle.views:
        operation = vendor.operations[name]
        needs = {parameter.expression for parameter in operation.parameters if parameter.required}
        if not operation.writes and needs == identifiers:
            found[name] = given
    return found


def _parameters(vendor: Vendor) -> dict[str, str]:
    """The parameters that identify an operation under way: name -> expression."""
    operations = [vendor.operations[name] for lifecycle in vendor.lifecycles.values() for name in lifecycle.views]
    return {p.name: p.expression for operation in operations for p in operation.parameters if p.required}


def _given(target: Target, words: Sequence[str]) -> tuple[str | None, dict[str, Any]]:
    """The subject, if one was named, and what identifies the operation: expression -> value."""
    parameters, subjects = _parameters(target.vendor), target.vendor.subjects
    named: str | None = None
    given: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in parameters:
            given[parameters[name]] = value
        elif name in subjects:
            named = name
            given |= _of_subject(target, name, value if equals else None)
        else:
            raise UsageError(f"--subject {word!r}: expected NAME=VALUE", nearest(name, [*parameters, *subjects]))
    return named, given


def _of_subject(target: Target, name: str, value: str | None) -> Given:
    """What identifies a subject: the value that was typed, or what the target's settings say."""
    wanted = [text for text in target.vendor.subjects[name].given if text in _parameters(target.vendor).values()]
    if value is not None and len(wanted) == 1:
        return {wanted[0]: value}
    if value is not None:
        words = " ".join(f"--subject {parse(text).name}=..." for text in wanted)
        raise UsageError(f"--subject {name}={value}: {name} is identified by {len(wanted)} parameters", words or "--subject")
    for lifecycle in target.vendor.lifecycles.values():
        for view in lifecycle.views:
            if known := target.given(name, target.vendor.operations[view]):
                return known[0]
    raise UsageError(f"the target file names no subject {name!r}", f"--subject {name}=..., or [subjects] in the file")
