"""What no one thought of: data from schemathesis, and orders from a hypothesis state machine. All within a budget."""

from __future__ import annotations

import contextlib
import copy
import importlib
import random
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, strategies
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from schemathesis import GenerationMode

from .errors import Unreachable
from .grammar import expressions
from .messages import MISSING, Missing, Request
from .plan import build, concerns_precious, identified, minted, request
from .target import Given, Target
from .trace import Exchange
from .vendor import Operation, Vendor
from .wire.pace import BudgetSpent

LONGEST_VALUE = 200
"""Characters of a made-up value; longer ones are refused by what stands before a server."""


def quiet(examples: int, **more: Any) -> hypothesis.settings:
    """Settings under which hypothesis only generates: repeatable, with no database, no deadline, no shrinking."""
    return hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        **more,
    )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep hypothesis from drawing on the constants of whatever modules are imported.

    Which these are differs from process to process, so that no seed would repeat a run; and what stands in somebody's
    modules is not ours to send.
    """
    providers: Any = importlib.import_module("hypothesis.internal.conjecture.providers")
    gather, nothing = providers._get_local_constants, providers.Constants()
    providers.CONSTANTS_CACHE.cache.clear()
    providers._get_local_constants = lambda: nothing
    try:
        yield
    finally:
        providers._get_local_constants = gather
        providers.CONSTANTS_CACHE.cache.clear()


def data(target: Target, operation: Operation, examples: int, seed: int) -> None:
    """Send made-up requests, half of them valid; none twice. What starts something is spared unless it is embedded."""
    if operation.writes and not target.embedded:
        return
    known = _identifiers(target, operation)
    sent: set[tuple[str, bytes, tuple[tuple[str, str], ...]]] = set()
    draw = random.Random(seed)

    door = Door(target)

    def made_up(case: Any, identifiers: list[Given]) -> None:
        invented = _request(target.vendor, operation, case, draw.choice(identifiers))
        key = (invented.target, invented.content, invented.headers)
        if key not in sent and not concerns_precious(target, invented):
            sent.add(key)
            door.send(invented)

    for mode, identifiers in ((GenerationMode.POSITIVE, known), (GenerationMode.NEGATIVE, [{}])):
        cases = hypothesis.given(_cases(target.vendor, operation, mode), strategies.just(identifiers))
        with alone(), contextlib.suppress(hypothesis.errors.Unsatisfiable):  # where nothing can be sent wrongly
            hypothesis.seed(seed)(quiet(max(1, examples // 2))(cases(made_up)))()
    door.close()


class Door:
    """Sends for hypothesis, which would take what ends a run for a failure of the test: that is raised at the close."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._ended: BudgetSpent | Unreachable | None = None

    def send(self, request: Request, subject: str | None = None) -> Exchange | None:
        """The exchange; None once the run has ended."""
        try:
            return None if self._ended else self.target.send(request, subject=subject)
        except (BudgetSpent, Unreachable) as error:
            self._ended = error
            return None

    def close(self) -> None:
        """Raise what ended the run, if something did."""
        if self._ended is not None:
            raise self._ended


def _identifiers(target: Target, operation: Operation) -> list[Given]:
    """What a valid request may ask about: any identifier, or a known one that has ended."""
    _, given = identified(target, operation)
    return [{}, given, given] if given else [{}]


def _cases(vendor: Vendor, operation: Operation, mode: GenerationMode) -> Any:
    """schemathesis' cases of an operation; without its security, because wrong logins lock accounts."""
    document = copy.deepcopy(dict(vendor.document.content))
    document.pop("security", None)
    document["paths"][operation.path][operation.method.lower()].pop("security", None)
    document["components"].pop("securitySchemes", None)
    schema = schemathesis.openapi.from_dict(document)
    return schema[operation.path][operation.method].as_strategy(generation_mode=mode)


def _request(vendor: Vendor, operation: Operation, case: Any, given: Given) -> Request:
    """A case as a request of ours: nothing longer than what a server reads, no credential of schemathesis' making."""
    signed = {expressions.parse(text).name.lower() for headers in vendor.credentials.values() for text in headers}
    places: dict[str, dict[str, Any]] = {
        "path": {name: str(value)[:LONGEST_VALUE] or "0" for name, value in (case.path_parameters or {}).items()},
        "query": {_plain(name): _plain(value) for name, value in (case.query or {}).items()},
        "header": {
            str(name): _plain(value)
            for name, value in (case.headers or {}).items()
            if _is_token(str(name))
            and str(name).lower() not in signed | {"host", "content-length", "transfer-encoding"}
        },
    }
    for text, value in given.items():
        expression = expressions.parse(text)
        places[expression.place][expression.name] = str(value)
    path = {name: value if value.strip(".") else "0" for name, value in places["path"].items()}
    plain = build(vendor, operation, {})
    headers = {**dict(plain.headers), **places["header"]}
    content = MISSING if isinstance(case.body, schemathesis.core.NotSet) else case.body
    return request(operation, path, places["query"], headers, content if _is_json(content) else MISSING)


def _plain(value: Any) -> str:
    text = urllib.parse.unquote(str(value), errors="replace")[:LONGEST_VALUE]
    return "".join(character if " " <= character <= "~" else "x" for character in text).strip()


def _is_token(name: str) -> bool:
    return bool(name) and all(character.isascii() and (character.isalnum() or character in "-_.") for character in name)


def _is_json(value: Any) -> bool:
    return isinstance(value, Mapping | list | str | int | float | bool | Missing | None)


def orders(target: Target, examples: int, steps: int, seed: int) -> None:
    """Start, poll, wait and ask as a stranger, in any order; a live target is asked only about what has ended."""
    vendor = target.vendor
    asked = [
        (operation, name, given)
        for operation in vendor.operations.values()
        if not operation.writes
        for name in [None, *vendor.subjects]
        for given in [_reachable(target, operation, name)]
        if given is not None
    ]
    starts = [lc for lc in vendor.lifecycles.values() if lc.start and target.embedded]
    door = Door(target)

    class Interleaving(RuleBasedStateMachine):
        """One run of the machine: a session of its own where the target is embedded."""

        def __init__(self) -> None:
            super().__init__()
            target.renew()
            self.minted: list[tuple[Operation, Given]] = []

        @rule(choice=strategies.integers(0, 10_000))
        def poll(self, choice: int) -> None:
            if asked:
                operation, name, given = asked[choice % len(asked)]
                door.send(build(vendor, operation, given), subject=name)

        @rule(choice=strategies.integers(0, 10_000))
        def start(self, choice: int) -> None:
            if not starts:
                return
            lifecycle = starts[choice % len(starts)]
            assert lifecycle.start is not None
            exchange = door.send(build(vendor, vendor.operations[lifecycle.start.operation], {}))
            if exchange is None:
                return
            if (given := minted(lifecycle.start, exchange)) is not None:
                views = [view for view in lifecycle.views.values() if not view.latest]
                self.minted += [(vendor.operations[view.operation], given) for view in views]

        @rule(choice=strategies.integers(0, 10_000))
        def poll_started(self, choice: int) -> None:
            if self.minted:
                operation, given = self.minted[choice % len(self.minted)]
                door.send(build(vendor, operation, given))

        @rule(seconds=strategies.integers(1, 30))
        def wait(self, seconds: int) -> None:
            if target.embedded:
                target.clock.sleep(seconds)

    hypothesis.seed(seed)(Interleaving)
    with alone():
        run_state_machine_as_test(Interleaving, settings=quiet(examples, stateful_step_count=steps))
    door.close()


def _reachable(target: Target, operation: Operation, name: str | None) -> Given | None:
    if name is None:
        return {} if not any(parameter.required for parameter in operation.parameters) else None
    return identified(target, operation, name)[1]
