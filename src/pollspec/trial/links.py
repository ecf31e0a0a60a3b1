"""Links that answers have: each documented one is followed once, to see that it leads somewhere."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable

from pollspec.document import expressions
from pollspec.document.messages import MISSING, Request
from pollspec.document.vendor import Belief, Vendor
from pollspec.judge.exchange import ELSEWHERE, Exchange
from pollspec.judge.keywords.leads import NOWHERE
from pollspec.trial.target import Target
from pollspec.trial.wire.connections import origin


class Links:
    """The links that some beliefs speak of, as they are seen; by the id of the belief."""

    def __init__(self, vendor: Vendor, beliefs: Iterable[Belief]) -> None:
        self.vendor = vendor
        self.beliefs = [belief for belief in beliefs if "link" in belief.says]
        self.seen: dict[str, tuple[Belief, str]] = {}
        self.followed: set[str] = set()

    def note(self, exchange: Exchange) -> None:
        """Remember the link of an answer."""
        for belief in self.beliefs:
            if belief.operation == exchange.operation and belief.id not in self.seen and not exchange.link:
                when = self.vendor.condition(belief.says.get("when"))
                link = expressions.value(belief.says["link"], exchange.request, exchange.answer)
                if link is not MISSING and when.holds(exchange.request, exchange.answer):
                    self.seen[belief.id] = belief, str(link)

    def follow(self, target: Target) -> None:
        """Ask for what was not asked for yet; a link to another origin is told, and not followed."""
        for name, (belief, link) in self.seen.items():
            if name not in self.followed:
                self.followed.add(name)
                path = placed(target, link)
                if path is None:
                    target.pass_by(Request(belief.operation, "GET", link), ELSEWHERE, name)
                else:
                    for one in (NOWHERE, path):
                        target.send(Request(belief.operation, "GET", one, {}, (("Accept", "*/*"),)), link=name)


def placed(target: Target, link: str) -> str | None:
    """A link as the path and query to ask a target for; None if it leads to another origin.

    What stands before the document's paths at this target may be missing in a link, and is added.
    """
    try:
        parts = urllib.parse.urlsplit(link)
        if parts.netloc and not target.embedded and origin(link) != origin(target.name):
            return None
    except ValueError:
        return None
    path = parts.path.removeprefix(target.base_path) or "/"
    return f"{path}?{parts.query}" if parts.query else path
