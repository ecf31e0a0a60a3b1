"""What the words of an API are likely to mean: which property says the state, which state is an end."""

from __future__ import annotations

import re

STATE = ("state", "status", "phase", "stage", "step", "condition", "result", "outcome")
"""Names of a property that says the state, the likeliest first; a longer name may end in one."""
PROGRESS = ("progress", "percent", "percentage", "pct", "completion", "completed", "complete", "processed", "done")
"""Words in the name of a number that says how far something is, the likeliest first."""
OVER = (["done"], ["finished"], ["complete"], ["completed"], ["over"], ["ended"])
"""The last word of a boolean that says whether something is over."""
LINKS = ("self", "url", "uri", "href", "link", "location", "monitor")
"""The last word of a property that is an address; of what is said by a word before it, or by what it lies in."""
LED_TO = ("self", "status", "operation", "task", "job", "monitor", "poll", "progress", "run")
IDENTIFIERS = ("id", "uuid", "guid", "key", "name", "token", "number")
KINDS = {
    "gone": "deleted removed gone purged archived",
    "failed": "fail failed failure error errored erroneous cancelled canceled cancel aborted abort rejected denied "
    "declined expired timeout timedout killed terminated crashed invalid lost dead incomplete unsuccessful",
    "paused": "paused suspended held hold blocked stalled interrupted",
    "done": "done success succeeded successful successfully complete completed completes finished finish ok passed "
    "ready ended closed fulfilled delivered published resolved available approved applied deployed installed settled",
    "waiting": "queued queue pending waiting wait created new submitted scheduled initial initialized accepted "
    "requested planned open draft unstarted idle backlog received enqueued registered prepared",
    "active": "running active processing progress started starting working executing building installing "
    "downloading uploading importing exporting deploying validating finalizing cancelling canceling stopping "
    "completing pausing resuming deleting retrying preparing initializing",
}
"""What a state's word says of it: the kind of its stage, the surest first."""


def words(name: str) -> list[str]:
    """The words of a name, in small letters: of `inProgress`, `IN_PROGRESS` and `in-progress` the same."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return re.findall(r"[a-z]+|[0-9]+", parted.lower())


def kind(state: str) -> str:
    """The kind of the stage that a state is likely to be; "" where no word of it is known."""
    said = words(state)
    if said[:1] == ["not"] or said[:2] == ["in", "queue"]:
        return "waiting"
    if said[-1:] and said[-1].endswith("ing") and said[-1] not in KINDS["waiting"].split():
        return "active"
    return next((kind for kind, listed in KINDS.items() if set(said) & set(listed.split())), "")


def is_link(pointer: str) -> bool:
    """Whether the property at a pointer is the address of what was started, by its words."""
    said = words(pointer)
    return said[-1:] == ["self"] or bool(set(said[-1:]) & set(LINKS) and set(said) & set(LED_TO))


def progress(name: str) -> int | None:
    """How likely a number's name says how far something is; None if it does not."""
    return min((PROGRESS.index(word) for word in words(name) if word in PROGRESS), default=None)


def likeness(name: str, listed: tuple[str, ...]) -> int | None:
    """How likely a property's name says it (0 is the likeliest); None if it does not."""
    said = words(name)
    if not said or said[-1] not in listed:
        return None
    return listed.index(said[-1]) + (0 if len(said) == 1 else len(listed))
