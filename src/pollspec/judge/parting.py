"""In which parts traffic can be judged apart: what is about one thing is one part, and verdicts on parts are joined.

No belief looks from one part into another, but for two kinds: what was sent as a secret is known to every part
(`Judge.learn`), and what has one trial in all is kept if any part keeps it (`Verdict.single`).
"""

from __future__ import annotations

from collections.abc import Iterable

from pollspec.document import expressions
from pollspec.document.lifecycles import identity
from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange


class Parting:
    """Names the part of an exchange at one server, by what was asked and answered, and by nothing else of the traffic.

    What identifies an instance names its part. Where an operation of a lifecycle shows the latest, only all that was
    asked says which that is: then everything of the lifecycle is one part. So is what shows no lifecycle, by operation.
    """

    def __init__(self, vendor: Vendor) -> None:
        self._lifecycles = {name: vendor.lifecycle_of(name) for name in vendor.operations}
        self._identifiers: dict[str, list[expressions.Getter]] = {}
        for lifecycle in vendor.lifecycles.values():
            texts = {view.operation: list(view.instance) for view in lifecycle.views.values()}
            texts |= {lifecycle.start.operation: list(lifecycle.start.mints)} if lifecycle.start else {}
            if not any(view.latest for view in lifecycle.views.values()):
                self._identifiers |= {name: list(map(expressions.getter, named)) for name, named in texts.items()}

    def name(self, request: Request, answer: Answer | None) -> str:
        """The name of the part."""
        lifecycle = self._lifecycles[request.operation]
        if lifecycle is None:
            return f"operation {request.operation}"
        found = [get(request, answer) for get in self._identifiers.get(request.operation, ())]
        return f"{lifecycle.name} {identity(found)}"


def split(vendor: Vendor, exchanges: Iterable[Exchange]) -> tuple[dict[str, list[Exchange]], list[Exchange]]:
    """Exchanges by part, and those that each part is to learn first: they sent a secret."""
    parting, parts = Parting(vendor), dict[str, list[Exchange]]()
    for exchange in sorted(exchanges, key=lambda one: (one.session, one.order)):
        name = exchange.link or parting.name(exchange.request, exchange.answer)
        parts.setdefault(f"{exchange.session} {name}", []).append(exchange)
    secrets = [one for part in parts.values() for one in part if vendor.secrets(one.operation)]
    return parts, sorted(secrets, key=lambda one: one.order)
