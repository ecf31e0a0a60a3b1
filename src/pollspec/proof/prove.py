"""`pollspec prove`: every fault, every legal variation and every second-reading server, through the trial.

A fault is caught when the belief that it must break objects (broken, or for an observed or implied belief deviating). A
variation passes when nothing is broken and nothing deviates but what names the variation under `despite`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from pollspec.doors.run import carry_out
from pollspec.errors import PollspecError
from pollspec.judge.verdict import Outcome, Verdict
from pollspec.proof.second_reading import second_reading
from pollspec.servers import faults
from pollspec.servers.faults import Fault, Impolite
from pollspec.servers.variations import VARIATIONS
from pollspec.trial.destination import PATIENCE, POLLS_TO_THE_END, polite
from pollspec.trial.selection import EXAMPLES, Plan
from pollspec.trial.settings import Body
from pollspec.trial.target import Polls, Settings, Target, embedded
from pollspec.trial.trial import Trial
from pollspec.trial.wire.pace import Clock
from pollspec.trial.wire.transports import Application

OBJECTIONS = (Outcome.BROKEN, Outcome.DEVIATES)


@dataclass(frozen=True)
class Task:
    """One run. `kind`: fault, variation, server (a second reading, as it is) or misdeed (one of its misdeeds).

    `examples`: made-up requests an operation for variations, servers, and faults that the planned ones do not find;
    misdeeds get the planned ones only.
    """

    kind: str
    vendor: str
    name: str
    folder: str = ""
    seed: int = 1
    examples: int = EXAMPLES


@dataclass(frozen=True)
class Result:
    """What became of a run. `guard`: the belief that must object; `objected`: those that did; `broken`: for good.

    `applies`: whether a variation changed anything; `excused`: the deviations that name the variation; `requests`.
    `idle`: why the guard of a fault could not object: it was not tried, or nothing was there to be spoilt.
    """

    task: Task
    guard: str = ""
    objected: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    excused: Mapping[str, str] = field(default_factory=dict)
    applies: bool = True
    failed: str = ""
    requests: int = 0
    idle: str = ""

    @property
    def holds(self) -> bool:
        """Whether a fault or misdeed was caught; whether a variation or a server was let pass."""
        if self.failed:
            return False
        match self.task.kind:
            case "fault":
                return self.guard in self.objected
            case "misdeed":
                return bool(self.objected)
            case "server":
                return not self.broken
            case _:
                return not set(self.objected) - set(self.excused)


def run(task: Task) -> Result:
    """Carry one task out; what goes wrong with it costs no other."""
    try:
        return _run(task)
    except PollspecError as error:
        return Result(task, failed=str(error.args[0]))


def _run(task: Task) -> Result:
    match task.kind:
        case "fault":
            return _fault(task)
        case "variation":
            return _variation(task)
        case "server":
            return _server(task, None)
        case _:
            planned = replace(task, examples=0)
            usual = _usual(replace(planned, kind="server", name=""))
            told = _server(planned, task.name)
            objected = tuple(name for name in told.objected if name in told.broken or name not in usual)
            return Result(task, objected=objected, broken=told.broken, failed=told.failed, requests=told.requests)


@functools.lru_cache(maxsize=8)
def document(vendor: str) -> Vendor:
    """A document, read once in a process: nothing that is played or judged changes it."""
    return load(vendor)


@functools.lru_cache(maxsize=8)
def derived(vendor: str) -> dict[str, Fault]:
    """The faults of a document's beliefs, by their ids."""
    return {fault.id: fault for fault in faults.derive(document(vendor))}


def _judged(target: Target, vendor: Vendor, seed: int, examples: int) -> list[Verdict]:
    """The verdicts of a trial; `examples` 0: of what is planned, and nothing made up besides."""
    trial = Trial(vendor, lambda: target, Plan(seed, examples or EXAMPLES), vendor.beliefs)
    if examples:
        carry_out(trial)
    else:
        trial.run()
    return list(trial.verdicts().values())


def _result(task: Task, verdicts: Sequence[Verdict], target: Target, **more: Any) -> Result:
    own = next((v.wants for v in verdicts if v.outcome is Outcome.COULD_NOT_RUN), "")
    return Result(
        task,
        objected=tuple(v.belief.id for v in verdicts if v.outcome in OBJECTIONS),
        broken=tuple(v.belief.id for v in verdicts if v.outcome is Outcome.BROKEN),
        failed=own,
        requests=len(target.exchanges),
        **more,
    )


def _fault(task: Task) -> Result:
    """A fault at what is planned; where its belief does not object, at what is made up as well."""
    planned = _spoilt(replace(task, examples=0))
    return replace(planned if planned.holds or planned.failed else _spoilt(task), task=task)


def _spoilt(task: Task) -> Result:
    vendor, fault = document(task.vendor), derived(task.vendor)[task.name]
    judged = fault.document(vendor) if fault.document else vendor
    servers: list[Impolite] = []

    def wrap(application: Application, clock: Clock) -> Application:
        servers.append(impolite(application, vendor, fault, clock))
        return application if fault.document else servers[-1]

    target = polite(vendor, wrap)
    verdicts = _judged(target, judged, task.seed, task.examples)
    return _result(task, verdicts, target, guard=fault.belief.id, idle=_idle(fault, target, servers))


def _idle(fault: Fault, target: Target, servers: Sequence[Impolite]) -> str:
    """Why a fault had no occasion; nothing where it had one."""
    asked = fault.belief.operation
    if fault.document:
        return ""
    if not target.counted[asked]:
        return f"{asked} is not asked: nothing says about what"
    spoils = fault.act and not fault.asks and not any(server.done for server in servers)
    return f"no answer of {asked} shows what it would spoil: let an example, or plays, have it" if spoils else ""


def impolite(application: Application, vendor: Vendor, deed: Any, clock: Clock) -> Impolite:
    """A server with a deed, which waits on a clock that nobody waits for."""

    async def pause(seconds: float) -> None:
        clock.sleep(seconds)

    return Impolite(application, vendor, deed, pause=pause)


def _variation(task: Task) -> Result:
    vendor, variation = document(task.vendor), VARIATIONS[task.name]
    played = variation.plays(vendor) if variation.plays else vendor
    if played is None:
        return Result(task, applies=False)
    servers: list[Impolite] = []

    def wrap(application: Application, clock: Clock) -> Application:
        servers.append(impolite(application, vendor, variation, clock))
        return servers[-1]

    target = polite(vendor, wrap, played=played)
    verdicts = _judged(target, vendor, task.seed, task.examples)
    excused = {v.belief.id: reason for v in verdicts if (reason := v.belief.says.get("despite", {}).get(task.name))}
    applies = any(server.done for server in servers)
    applies = applies or (variation.plays is not None and _answers(target) != _usual_answers(replace(task, name="")))
    return _result(task, verdicts, target, excused=excused, applies=applies)


@functools.lru_cache(maxsize=8)
def _usual_answers(task: Task) -> list[Any]:
    """What the polite server answers to the same questions where it varies in nothing."""
    vendor = document(task.vendor)
    target = polite(vendor)
    _judged(target, vendor, task.seed, task.examples)
    return _answers(target)


def _answers(target: Target) -> list[Any]:
    """What was answered, in order: statuses and bodies."""
    answers = (exchange.answer for exchange in target.exchanges)
    return [answer and (answer.status, answer.content) for answer in answers]


def _server(task: Task, misdeed: str | None) -> Result:
    vendor, module = document(task.vendor), second_reading(task.folder, task.vendor)
    every = max(lifecycle.every for lifecycle in vendor.lifecycles.values())
    duration = POLLS_TO_THE_END * every
    settings = Settings(
        credentials={
            name: {f"$request.header.{h}": v for h, v in given.items()} for name, given in module.CREDENTIALS.items()
        },
        subjects={name: [_given(vendor, name, given)] for name, given in module.SUBJECTS.items()},
        bodies={name: [Body(body)] for name, body in module.BODIES.items()},
        base_path="",
        allow_writes=True,
        polls=Polls(at_most=PATIENCE * duration, after_end=6),
    )
    target = embedded(vendor, lambda clock: module.Server(clock, misdeed, duration), settings)
    return _result(task, _judged(target, vendor, task.seed, task.examples), target)


@functools.lru_cache(maxsize=8)
def _usual(server: Task) -> frozenset[str]:
    """What objects to a second-reading server as it is; the same for each of its misdeeds."""
    return frozenset(_server(server, None).objected)


def _given(vendor: Vendor, subject: str, given: Mapping[str, str]) -> dict[str, str]:
    """A subject's identifiers by expression."""
    texts = {text.rpartition(".")[2].lower(): text for text in vendor.subjects[subject].given}
    return {texts[name.lower()]: value for name, value in given.items()}


def tasks(vendors: Sequence[str], folder: str | None, seed: int) -> Iterator[Task]:
    """Every run that a proof takes."""
    for vendor in vendors:
        yield from (Task("fault", vendor, name, seed=seed) for name in derived(vendor))
        yield from (Task("variation", vendor, name, seed=seed) for name in VARIATIONS)
        if folder:
            module = second_reading(folder, vendor)
            yield Task("server", vendor, "", folder, seed)
            yield from (Task("misdeed", vendor, misdeed.name, folder, seed) for misdeed in module.MISDEEDS)


def results(vendors: Sequence[str], folder: str | None, seed: int, jobs: int) -> Iterator[Result]:
    """The results of every run, in order."""
    wanted = list(tasks(vendors, folder, seed))
    if jobs == 1:
        yield from map(run, wanted)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run, wanted, chunksize=8)
