"""The vocabulary's judges: one file a keyword, each with a class `Judging`, the belief compiled to a monitor.

What each keyword looks at and names stands in the table of `document/keywords.py`.
"""

from __future__ import annotations

import importlib

from packaging.version import Version

from pollspec.document.keywords import KEYWORDS, Provoked
from pollspec.document.vendor import Belief, Vendor
from pollspec.judge.monitor import Monitor
from pollspec.judge.verdict import Tally

JUDGING: dict[str, type[Monitor]] = {
    name: importlib.import_module(f"{__name__}.{row.stem}").Judging for name, row in KEYWORDS.items()
}


def monitor(vendor: Vendor, belief: Belief, tally: Tally, version: Version | None = None) -> Monitor:
    """The monitor of a belief; what it finds goes to the tally."""
    return JUDGING[belief.keyword](vendor, belief, tally, version)


def wants(vendor: Vendor, belief: Belief) -> str:
    """What to supply so that a belief is tried."""
    says, row, operation = belief.says, KEYWORDS[belief.keyword], vendor.operations[belief.operation]
    if operation.writes:
        return f"allow_writes, and bodies.{operation.id}" if operation.bodies else "allow_writes"
    if (credential := says.get("credential", "default")) not in {"default", "none"}:
        return f"the credential {credential!r}"
    if subject := says.get("subject"):
        return f"the subject {subject!r}"
    if row.provoked in {Provoked.ANSWER, Provoked.REFUSAL, Provoked.SELECTION} and "sends" not in says:
        return "a subject whose answer shows it"
    return row.wants
