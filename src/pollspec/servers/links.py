"""What a server has linked to: it is there, whatever it is."""

from __future__ import annotations

import urllib.parse

from pollspec.document import expressions
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.vendor import Vendor


class Links:
    """The paths that the documented links of a server's answers lead to."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor, self.paths = vendor, set[str]()
        self.beliefs = [belief for belief in vendor.beliefs if "link" in belief.says]

    def note(self, request: Request, answer: Answer) -> None:
        """Remember where an answer leads."""
        for belief in self.beliefs:
            if belief.operation == request.operation:
                link = expressions.value(belief.says["link"], request, answer)
                if link is not MISSING:
                    self.paths.add(self._placed(urllib.parse.urlsplit(str(link)).path))

    def lead_to(self, path: str) -> bool:
        """Whether one of them leads to a path."""
        return self._placed(path) in self.paths

    def lead_beside(self, path: str) -> bool:
        """Whether one leads to another thing in the same place: of these there is a kind."""
        place = self._placed(path).rpartition("/")[0]
        return any(place == known.rpartition("/")[0] for known in self.paths)

    def _placed(self, path: str) -> str:
        """A path without what stands before the document's paths."""
        return urllib.parse.unquote(path).removeprefix(self.vendor.base_path)
