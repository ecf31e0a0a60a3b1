"""`pollspec test VENDOR --targets FILE`: many targets, each tested by a process of its own, in one report."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from typing import Any

import click
from rich.console import Console

from pollspec.document.loader import load
from pollspec.doors.command import Typed
from pollspec.doors.conclusion import Conclusion
from pollspec.doors.ending import terminable
from pollspec.doors.fleet.crews import Crew, crew
from pollspec.doors.fleet.member import Message
from pollspec.errors import OwnError, UsageError
from pollspec.judge.verdict import Outcome
from pollspec.reports import json, rows
from pollspec.reports.fleetlines import FleetTelling, telling
from pollspec.reports.report import Report, Row, VendorRow
from pollspec.trial.background import outlined
from pollspec.trial.destination import Destination
from pollspec.trial.fleet import Member, members, shard
from pollspec.trial.ledger import Ledger
from pollspec.trial.selection import selected
from pollspec.trial.target import INSECURE
from pollspec.trial.wire.fleetfile import fleet

ENDING = 60.0
"""Seconds that the targets have to end once somebody has ended the run."""
OWN = ("targets", "at_once", "per_host", "shard", "scheduler", "claim", "claimant")
"""Options that are the fleet's and no target's."""


class Fleet:
    """A fleet that is tested: what is to be done, and what was learnt until now."""

    def __init__(self, vendor: str, options: Mapping[str, Any]) -> None:
        self.path, self.options = options["targets"], options
        self.vendor = load(vendor)
        whole = members(self.path)
        self.beliefs_of = {name: outlined(self.vendor, file).beliefs for name, file in fleet(self.path).targets.items()}
        """The beliefs at each target: the document's, and those on its own data."""
        every = {belief.id: belief for beliefs in self.beliefs_of.values() for belief in beliefs}
        self.chosen = {belief.id for belief in selected(list(every.values()), options["only"])}
        self.conclusion = Conclusion(list(every.values()), {**options, "target_file": self.path})
        self.members = shard(whole, options["shard"])
        self.learnt: dict[str, tuple[VendorRow, Sequence[Row]]] = {}
        self.finished, self.over = True, False

    def test(self, workers: Crew, display: FleetTelling) -> Report:
        """The report on all targets; after an interrupt, on what was learnt."""
        waiting, running = list(self.members), dict[Future[Message], Member]()
        self._draft()
        try:
            while waiting or running:
                for member in self.next(waiting, running.values(), workers.many):
                    waiting.remove(member)
                    display.began(member.name)
                    future = workers.start(self._job(member), functools.partial(_pass_on, display, member.name))
                    running[future] = member
                self._take(running, wait(running, return_when=FIRST_COMPLETED).done, display)
        except KeyboardInterrupt:
            self.over = True
            workers.stop()
            self._take(running, wait(running, ENDING).done, display)
            for member in self.members:
                if member.name not in self.learnt:
                    self._keep(member, {"interrupted": True}, display)
        self.over = True
        return self.report(finished=True)

    def next(self, waiting: Iterable[Member], running: Iterable[Member], many: int) -> list[Member]:
        """Who is next: as many as may be tested at once, and of each host."""
        hosts, chosen = Counter(member.host for member in running), list[Member]()
        room = many - hosts.total()
        for member in waiting:
            if len(chosen) < room and hosts[member.host] < self.options["per_host"]:
                hosts[member.host] += 1
                chosen.append(member)
        return chosen

    def _job(self, member: Member) -> dict[str, Any]:
        """What a process is told to test one target."""
        own = {name: value for name, value in self.options.items() if name not in OWN}
        own |= {"target_file": member.file, "report": (), "baseline": None, "require": ()}
        return {"vendor": self.vendor.document.typed, "options": own}

    def _take(self, running: dict[Future[Message], Member], done: set[Future[Message]], display: FleetTelling) -> None:
        for future in done:
            error = future.exception()
            last = {"error": str(OwnError.of(error).args[0])} if error else future.result()
            self._keep(running[future], last, display)
            del running[future]
        if done and not self.over:
            self._draft()

    def _draft(self) -> None:
        """Write the report files as far as the run is; what cannot be written now is tried again at the end."""
        with contextlib.suppress(OSError):
            self.conclusion.draft(self.report(finished=False))

    def _keep(self, member: Member, last: Message, display: FleetTelling) -> None:
        """Remember what was learnt of a target."""
        if "report" in last:
            report = json.typed(last["report"])
            (vendor,), own = report.vendors.values(), report.rows
            self.finished = self.finished and report.finished
        else:
            vendor, own = self._unknown(member, last)
        named = [replace(row, target_name=member.name) for row in own]
        self.learnt[member.name] = replace(vendor, target_name=member.name), named
        display.ended(member.name, named)

    def _unknown(self, member: Member, last: Message) -> tuple[VendorRow, list[Row]]:
        """What is said of a target of which nothing was learnt."""
        beliefs = [belief for belief in self.beliefs_of[member.name] if belief.id in self.chosen]
        ledger = Ledger(self.vendor, beliefs, member.url)
        ledger.interrupted = "error" not in last
        command = Typed(where=Destination(file=member.file)).command(self.vendor)
        outcome = Outcome.NOT_TRIED if ledger.interrupted else Outcome.COULD_NOT_RUN
        wants = last.get("error", "the run was interrupted")
        verdicts = [replace(verdict, outcome=outcome, wants=wants) for verdict in ledger.verdicts().values()]
        return rows.vendor_row(ledger), [rows.row(ledger, verdict, command) for verdict in verdicts]

    def report(self, finished: bool) -> Report:
        """The report on the targets that are done, in the order of the file."""
        made = self.conclusion.empty()
        made.shard = self.options["shard"] or ""
        for member in self.members:
            if member.name in self.learnt:
                vendor, own = self.learnt[member.name]
                made.vendors[vendor.key] = vendor
                made.rows += own
        return self.conclusion.known_in(made, finished and self.finished)


def _pass_on(display: FleetTelling, name: str, said: Message) -> None:
    """What a process tells."""
    if "asked" in said:
        display.heard(name, said["asked"], said["shows"])
    elif "said" in said:
        display.announced(name, said["said"])


def run(vendor: str | None, url: str | None, options: Mapping[str, Any], console: Console) -> int:
    """Test a fleet and print its report; the exit code."""
    if not vendor or url or options["target_file"]:
        raise UsageError("--targets takes a vendor, no URL and no --target", "pollspec test VENDOR --targets FILE")
    if options["claim"] or options["claimant"]:
        raise UsageError("--claim is about one target", "pollspec test VENDOR --target FILE#NAME --claim claim.json")
    going = Fleet(vendor, options)
    if options["insecure"] or any(member.insecure for member in going.members):
        click.echo(f"pollspec: {INSECURE}", err=True)
    if not going.members:
        click.echo(f"pollspec: shard {options['shard']} has no target", err=True)
    workers = crew(options["scheduler"], options["at_once"])
    with contextlib.closing(workers), terminable(going):
        with contextlib.closing(telling(sys.stdout, sys.stderr, os.environ, len(going.members))) as display:
            report = going.test(workers, display)
        return going.conclusion.give(report, console)
