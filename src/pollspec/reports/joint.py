"""`pollspec report merge`: the reports of several runs as one report, a part of it for each target.

Runs that are joined were alike: of one format, by one pollspec, with one seed and strictness, of one document of each
vendor. Of a fleet that was tested in shards every shard is there. What one run requires is required of all.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console

from pollspec.errors import UsageError
from pollspec.reports import files, json
from pollspec.reports.delivery import deliver
from pollspec.reports.report import Report, VendorRow

ALIKE = {
    "version": "is of version {} of the format",
    "pollspec": "was written by pollspec {}",
    "seed": "has the seed {}",
    "strict": "has strict {}",
}


@dataclass(frozen=True)
class Given:
    """A report and the file that it was read from."""

    path: str
    data: dict[str, Any]
    report: Report


def merge(paths: Sequence[str], wanted: tuple[str, ...], console: Console) -> int:
    """Join reports, write and print the joint one; the exit code is that of one run at all the targets."""
    places = files.parse(wanted)
    report = joined([Given(path, data := json.read(path), json.typed(data)) for path in paths])
    return deliver(report, places, console)


def joined(given: Sequence[Given]) -> Report:
    """The joint report; UsageError names the files that cannot be joined."""
    _check(given)
    several = _named(given)
    first = given[0].report
    return Report(
        first.pollspec,
        first.seed,
        first.strict,
        vendors={vendor.key: vendor for report in several for vendor in report.vendors.values()},
        rows=[row for report in several for row in report.rows],
        began=min(report.began for report in several),
        finished=all(report.finished for report in several),
        required=frozenset().union(*(report.required for report in several)),
    )


def _check(given: Sequence[Given]) -> None:
    first = given[0]
    for other in given[1:]:
        for entry, words in ALIKE.items():
            one, two = first.data[entry], other.data[entry]
            if one != two:
                said = f"{first.path} {words.format(one)}, {other.path} {words.format(two)}"
                raise UsageError(said, "join reports of runs that were alike")
    _check_shards(given)
    documents: dict[str, tuple[str, tuple[str, ...]]] = {}
    for one in given:
        for vendor in one.report.vendors.values():
            mine = (vendor.document, vendor.document_digest)
            path, known = documents.setdefault(vendor.vendor, (one.path, mine))
            if known != mine:
                said = f"{path} holds {vendor.vendor} to {' '.join(known)}, {one.path} to {' '.join(mine)}"
                raise UsageError(said, "test each target against the same document")


def _check_shards(given: Sequence[Given]) -> None:
    """Where there is one shard of a fleet, there are all of them, each once."""
    shards = {one.path: one.report.shard for one in given if one.report.shard}
    if not shards:
        return
    many = {shard.partition("/")[2] for shard in shards.values()}
    if len(many) > 1:
        said = ", ".join(f"{path} is shard {shard}" for path, shard in shards.items())
        raise UsageError(f"{said}: not of one number of shards", "join the shards of one run")
    whole = [f"{number}/{total}" for total in many for number in range(1, int(total) + 1)]
    for shard in whole:
        paths = [path for path, found in shards.items() if found == shard]
        if len(paths) > 1:
            raise UsageError(f"{' and '.join(paths)} are both shard {shard}", "give each shard once")
    if lacking := [shard for shard in whole if shard not in shards.values()]:
        said = f"shard {', '.join(lacking)} is not among {', '.join(shards)}"
        raise UsageError(said, f"run it (pollspec test ... --shard {lacking[0]}), and give its report as well")


def _named(given: Sequence[Given]) -> list[Report]:
    """The reports, in which a target is called after its address where several are of one vendor."""
    owners: dict[str, str] = {}
    many = [vendor.vendor for one in given for vendor in one.report.vendors.values()]
    named = []
    for one in given:
        names = {
            vendor.key: vendor.target_name or (_address(vendor) if many.count(vendor.vendor) > 1 else "")
            for vendor in one.report.vendors.values()
        }
        vendors = {k: replace(vendor, target_name=names[k]) for k, vendor in one.report.vendors.items()}
        for vendor in vendors.values():
            if before := owners.get(vendor.key):
                both = " and ".join(shlex.quote(path) for path in dict.fromkeys((before, one.path)))
                raise UsageError(f"{both} both tell of {vendor.key}", "give one report on each target")
            owners[vendor.key] = one.path
        rows = [replace(row, target_name=names[row.key]) for row in one.report.rows]
        named.append(replace(one.report, vendors=vendors, rows=rows))
    return named


def _address(vendor: VendorRow) -> str:
    return re.sub(r"^https?://", "", vendor.target)
