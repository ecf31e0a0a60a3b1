"""What a server has linked to: it is there, whatever it is."""

from __future__ import annotations

import urllib.parse

from pollspec.document import expressions
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.vendor import Vendor
from pollspec.servers.answers import Answers
from pollspec.servers.played import Played


class Links:
    """The paths that the documented links of a server's answers lead to, each with the answer to whoever follows it.

    A path that is an operation's is answered by the operation.
    """

    def __init__(self, vendor: Vendor, answers: Answers) -> None:
        self.vendor, self.answers = vendor, answers
        self.there: dict[str, Answer] = {}
        self.getters = {
            operation: [
                expressions.getter(belief.says["link"])
                for belief in vendor.beliefs
                if belief.operation == operation and "link" in belief.says
            ]
            for operation in vendor.operations
        }

    def note(self, request: Request, answer: Answer, played: Played) -> None:
        """Remember where an answer leads, and what is there: an empty object, where the document plays nothing."""
        for get in self.getters[request.operation]:
            link = get(request, answer)
            if link is not MISSING:
                path = self._placed(urllib.parse.urlsplit(str(link)).path)
                there = played.leads_to
                self.there[path] = there.answer(request, 1.0) if there else self.answers.plain(200, {})

    def found(self, path: str) -> Answer | None:
        """What one of them leads to; None where none leads to a path."""
        return self.there.get(self._placed(path))

    def lead_to(self, path: str) -> bool:
        """Whether one of them leads to a path."""
        return self.found(path) is not None

    def lead_beside(self, path: str) -> bool:
        """Whether one leads to another thing in the same place: of these there is a kind."""
        place = self._placed(path).rpartition("/")[0]
        return any(place == known.rpartition("/")[0] for known in self.there)

    def _placed(self, path: str) -> str:
        """A path without what stands before the document's paths."""
        return urllib.parse.unquote(path).removeprefix(self.vendor.base_path)
