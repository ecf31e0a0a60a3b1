"""The plain poller with what it knows read from a document, whichever: for documents that nobody wrote a client for."""

from __future__ import annotations

import re

from pollspec.document import expressions, pointers
from pollspec.document.messages import Answer, Request
from pollspec.document.vendor import Vendor
from pollspec.grading.command import variable
from pollspec.grading.ground import Ground, grounds
from tests.pollers.plain import Poller, Told, Web
from tests.pollers.talk import FAILED, SUCCEEDED, Environment, Talk


def talk(ground: Ground) -> Talk:
    """What a client would know of one operation that is polled."""
    path = re.sub(r"\{(\w+)\}", lambda m: f"{{{variable(f'$request.path.{m[1]}')}}}", ground.operation.path)
    given = [expressions.parse(text) for text in ground.ends("done")[0].given]
    query = [one.name for one in given if one.place == "query"]
    path += "?" * bool(query) + "&".join(f"{name}={{{variable(f'$request.query.{name}')}}}" for name in query)
    start = ground.start
    minted, asked = next(iter(start.mints.items())) if start else ("", "")
    return Talk(
        ground.vendor.base_path + path,
        tuple(pointers.tokens(expressions.parse(ground.view.state).name)),
        (),
        (),
        {expressions.parse(text).name: variable(text) for text in ground.signature(ground.ends("done")[0])},
        start=ground.vendor.base_path + ground.vendor.operations[start.operation].path if start else "",
        minted=tuple(pointers.tokens(expressions.parse(minted).name)) if start else (),
        names=variable(asked) if start else "",
    )


class Derived(Poller):
    """A good poller of any document; which stages an answer shows, the document tells."""

    def __init__(self, vendor: Vendor, told: Environment, web: Web) -> None:
        self.ground = next(g for g in grounds(vendor) if g.view.operation == told["POLLSPEC_OPERATION"])
        super().__init__(talk(self.ground), told, web)

    def outcome(self, answer: Told) -> int | None:
        """The exit code that its stages make."""
        shown = Answer(answer.status, tuple(answer.headers.items()), answer.content)
        request = Request(self.ground.view.operation, "GET", self.target())
        kinds = self.ground.lifecycle.kinds(self.ground.lifecycle.shown(request.operation, request, shown))
        if kinds == {"done"}:
            return SUCCEEDED
        return (
            FAILED
            if kinds == {"failed"}
            else None
            if kinds and kinds != {"gone"}
            else self.talk.outcome(answer.status, None)
        )
