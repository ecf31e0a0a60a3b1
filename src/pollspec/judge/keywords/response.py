"""`response`: the body is one JSON text in a documented media type."""

from __future__ import annotations

from pollspec.document.operations import is_json
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """The body is one JSON text in a documented media type; `unambiguous`: no name stands twice in it.

    An error of the body that no property owns is the response's own. JSON that another JSON type names, or that none
    does, only deviates (RFC 9110, 8.3). What is said to be something else need not be JSON.
    """

    def see(self, sight: Sight) -> None:
        """Look at the body as a whole."""
        found, answer = sight.response, sight.answer
        if found is None or answer is None:
            return
        reading, name = answer.reading, self.belief.name
        if name == "unambiguous":
            if reading.ambiguous:
                self.tally.found(Finding("one reading", reading.ambiguous, sight.exchange))
            elif not reading.unreadable:
                self.tally.held()
        elif name == found.id:
            kinds, kind = " or ".join(found.media), answer.media_type
            if found.kind(kind) is None:
                alike = (is_json(kind) or not kind) and any(map(is_json, found.media)) and not reading.unreadable
                other = f"JSON all the same: {kind or 'nothing says so'}" if alike else ""
                self.tally.found(Finding(kinds, kind or "no content type", sight.exchange, alternative=other))
            elif reading.unreadable and not is_json(kind) and kind:
                return
            elif reading.unreadable:
                self.tally.found(Finding("a JSON body", reading.unreadable, sight.exchange))
            elif (breach := sight.body[0].get(None)) is not None:
                actual = f"{breach.actual} at {breach.place}" if breach.place else breach.actual
                self.tally.found(Finding(breach.expected, actual, sight.exchange))
            else:
                self.tally.held()
