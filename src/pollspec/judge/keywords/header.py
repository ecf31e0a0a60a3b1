"""`header`: a documented header is there, and is what it should be."""

from __future__ import annotations

from typing import Any

from pollspec.document.conditions import fits, show
from pollspec.document.messages import Missing
from pollspec.document.messages import header as header_of
from pollspec.judge.monitor import Monitor
from pollspec.judge.sight import Sight
from pollspec.judge.verdict import Finding


class Judging(Monitor):
    """A documented header is there if it is required, and satisfies its schema."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.response, _, self.name = self.belief.name.partition(".")
        operation = self.vendor.operations[self.belief.operation]
        found = next(response for response in operation.responses if response.id == self.response)
        node = found.headers[self.name]
        self.required, self.schema = bool(node.get("required")), node.get("schema", True)
        self.is_valid = self.vendor.schemas.validator(self.schema).is_valid

    def see(self, sight: Sight) -> None:
        """Look at the header."""
        found = sight.asked.response(sight.status) if sight.answer else None
        if found is None or sight.answer is None or found.id != self.response:
            return
        value = header_of(sight.answer.headers, self.name)
        if isinstance(value, Missing) or value == "":
            if self.required:
                self.tally.found(Finding(f"a {self.name} header", "none", sight.exchange))
        elif fits(self.is_valid, value):
            self.tally.held()
        else:
            self.tally.found(Finding(f"{self.name}: {show(self.schema)}", show(value), sight.exchange))
