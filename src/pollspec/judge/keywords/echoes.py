"""`echoes`: a value repeats a part of the request."""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

from pollspec.document import expressions
from pollspec.document.conditions import same, show
from pollspec.document.messages import MISSING
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """`value` repeats `of`, a part of the request. A link may be absolute, or stand behind a prefix.

    `part`: it only holds it. `known`: it repeats what an earlier answer about the same instance said.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.value, self.of = (expressions.getter(self.says[word]) for word in ("value", "of"))
        self.known, self.part = "known" in self.says, bool(self.says.get("part"))
        self.alone = not self.known
        lifecycle = self.vendor.lifecycle_of(self.belief.operation)
        if self.known and lifecycle:
            self.operations = lifecycle.operations

    def see(self, sight: Sight) -> None:
        """Look at what is repeated."""
        wanted = self._before(sight) if self.known else self.of(sight.request, sight.answer)
        if sight.exchange.operation != self.belief.operation or sight.answer is None or sight.status >= 400:
            return
        actual = self.value(sight.request, sight.answer)
        if actual is MISSING or actual is None or wanted is MISSING:
            return
        if not self.speaks_of(sight):
            return
        if self._repeats(actual, wanted):
            self.tally.held()
        else:
            self.tally.found(Finding(show(wanted), show(actual), sight.exchange))

    def _repeats(self, actual: Any, wanted: Any) -> bool:
        if self.part:
            return _holds(urllib.parse.unquote(str(actual)).casefold(), str(wanted).casefold())
        return leads_to(actual, wanted) if str(wanted).startswith("/") else same(actual, wanted)

    def _before(self, sight: Sight) -> Any:
        """What the last answer about the same instance before said; what this one says is remembered."""
        if sight.instance is None:
            return MISSING
        said: list[tuple[float, Any]] = sight.instance.notes.setdefault(self, [])
        over = [one for one in said if one[0] <= sight.exchange.start]
        said[:] = [*over[-1:], *(one for one in said if one[0] > sight.exchange.start)]
        if (now := self.of(sight.request, sight.answer)) is not MISSING:
            said.append((sight.exchange.end, now))
        return over[-1][1] if over else MISSING


def _holds(text: str, wanted: str) -> bool:
    """Whether a text holds another as a whole: no letter or digit goes on where that begins or ends in one."""
    begins, ends = (r"(?<![^\W_])" if one.isalnum() else "" for one in (wanted[:1], wanted[-1:]))
    ends = ends.replace("?<!", "?!")
    return re.search(f"{begins}{re.escape(wanted)}{ends}", text) is not None


def leads_to(link: object, path: str) -> bool:
    """Whether a link (a URI reference) ends in a path; a query, an origin and a prefix before it are its own affair."""
    if not isinstance(link, str):
        return False
    try:
        given = urllib.parse.unquote(urllib.parse.urlsplit(link).path).rstrip("/")
    except ValueError:
        return False
    wanted = path.rstrip("/")
    return given.casefold().endswith(wanted.casefold()) and (same(given[-len(wanted) :], wanted))
