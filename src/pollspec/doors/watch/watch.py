"""One running operation, polled with GET from now to its end, and judged on what it showed."""

from __future__ import annotations

import contextlib
import shlex
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console

from pollspec.document.expressions import parse
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.loader import load
from pollspec.document.vendor import Belief, Vendor
from pollspec.doors.conclusion import Conclusion, typed
from pollspec.doors.metrics import exposed
from pollspec.doors.recording import of_traffic
from pollspec.doors.watch.bar import Reader, display
from pollspec.errors import Unreachable, UsageError, nearest
from pollspec.judge.exchange import Exchange
from pollspec.judge.verdict import Finding, Verdict
from pollspec.trial.background import background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.polling import Watch, follow
from pollspec.trial.selection import Plan, selected
from pollspec.trial.target import INSECURE, Given, Target
from pollspec.trial.trial import Over, Trial


class Vigil(Trial):
    """A trial that asks after one operation and nothing else. `words`: what identifies it, as it was typed."""

    def __init__(
        self,
        vendor: Vendor,
        reach: Callable[[], Target],
        beliefs: Sequence[Belief],
        words: Sequence[str],
    ) -> None:
        super().__init__(vendor, reach, Plan(), beliefs)
        self.words = words
        self.over, self.shown = False, False
        self._lock = threading.Lock()

    def judged(self) -> dict[str, Verdict]:
        """What became of each belief until now, from any thread."""
        with self._lock:
            return self.verdicts()

    def enter(self, exchange: Exchange) -> list[tuple[Belief, Finding]]:
        """Judge an exchange, and know whether the operation was there at all."""
        lifecycle = self.vendor.lifecycle_of(exchange.operation)
        stages = lifecycle.shown(exchange.operation, exchange.request, exchange.answer) if lifecycle else None
        self.shown = self.shown or bool(lifecycle and stages and lifecycle.kinds(stages) != {"gone"})
        with self._lock:
            return super().enter(exchange)

    def ask(self) -> None:
        """Follow it to its end, as the document and Retry-After say."""
        with self.going_on():
            if self.latest is not None and self.latest.answer is None:
                raise Unreachable(f"{self.name} gives no answer: {self.latest.trouble}", "is the URL right?")
            watch = watched(self.target, self.words)
            follow(self.target, [watch])
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
    identifiers = {text for text in given if text not in vendor.signing.places}
    found = {}
    for name in lifecycle.views:
        operation = vendor.operations[name]
        if not operation.writes and operation.required == identifiers:
            found[name] = given
    return found


def _parameters(vendor: Vendor) -> dict[str, str]:
    """The parameters that identify an operation under way, who asks among them: name -> expression."""
    given = {parse(text).name: text for text in vendor.given}
    operations = [vendor.operations[name] for lifecycle in vendor.lifecycles.values() for name in lifecycle.views]
    return given | {p.name: p.expression for operation in operations for p in operation.parameters if p.required}


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
        raise UsageError(
            f"--subject {name}={value}: {name} is identified by {len(wanted)} parameters", words or "--subject"
        )
    for lifecycle in target.vendor.lifecycles.values():
        for view in lifecycle.views:
            if known := target.identified(name, target.vendor.operations[view]):
                return known[0][0]
    raise UsageError(f"the target file names no subject {name!r}", f"--subject {name}=..., or [subjects] in the file")


def watch(name: str, url: str | None, options: Mapping[str, Any], console: Console, aside: Console) -> int:
    """Watch, judge, report; the exit code. The progress is shown on `aside`."""
    found = background(load(name), options["target_file"], options["product_version"])
    vendor = found.vendor
    conclusion = Conclusion(vendor.beliefs, options)
    beliefs = selected(of_traffic(vendor), options["only"])
    if not url and not options["target_file"]:
        raise UsageError("there is nothing to watch", f"pollspec watch {name} URL, or --target FILE")
    overruling = ("interval", "rate", "max_requests", "max_time", "insecure", "product_version")
    where = Destination(url, options["target_file"], headers=options["header"], **{n: options[n] for n in overruling})
    if options["insecure"]:
        aside.print(f"pollspec: {INSECURE}", soft_wrap=True)

    def reached() -> Target:
        target = reach(found, where)
        target.settings.allow_writes = False
        if options["at_most"]:
            target.settings.polls = replace(target.settings.polls, at_most=options["at_most"])
        return target

    vigil = Vigil(vendor, reached, beliefs, options["subject"])
    metrics = exposed(options["metrics"], vendor, vigil.judged, lambda text: aside.print(text, soft_wrap=True))
    reader, first = Reader(vendor, vigil.target.masks), list(vigil.target.exchanges)
    with metrics as counting, contextlib.closing(display(reader, aside)) as shown:
        for exchange in first:
            counting(exchange)
        vigil.listeners.append(lambda ledger: counting(ledger.latest) if ledger.latest else None)
        vigil.listeners.append(lambda ledger: shown.heard(ledger.latest) if ledger.latest else None)
        with contextlib.suppress(Over, KeyboardInterrupt):
            vigil.ask()
    vigil.close()
    if not (vigil.over or vigil.interrupted or vigil.spent or vigil.unreachable):
        console.print("it has not ended within its time; what was learnt is below", soft_wrap=True)
    last = vigil.latest
    missing = last is not None and not vigil.shown
    if last is not None and missing and not vigil.unreachable:
        told = last.answer.status if last.answer else last.trouble
        console.print(f"nothing to watch: {last.operation} answered {told}; is the identifier right?", soft_wrap=True)
    given = typed(options, "target_file", "subject", *overruling, "header", "at_most")
    words = ["pollspec watch", shlex.quote(vendor.document.typed), *([url] if url else []), *given]
    code = conclusion.give(conclusion.of_traffic(vigil, " ".join(words), tried_only=True), console)
    return 3 if missing and code == 0 else code
