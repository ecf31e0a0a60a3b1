"""What operations answer about the stages of a lifecycle; nothing of it depends on an instance."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from pollspec.document.lifecycles import Lifecycle, Stage
from pollspec.document.messages import MISSING
from pollspec.document.operations import Operation
from pollspec.document.vendor import Belief, Vendor
from pollspec.servers.answers import Answers
from pollspec.servers.played import Played
from pollspec.servers.scenarios.scenario import Interruption
from pollspec.servers.showing import laid_over, showing


class Stages:
    """The answers that a document's operations give of its stages; what needs no more than their names is kept."""

    def __init__(self, vendor: Vendor, answers: Answers) -> None:
        self.vendor, self.answers = vendor, answers
        self.shown = functools.cache(self.showing)

    def showing(self, operation: str, lifecycle: str, stage: str, shows: Mapping[str, Any] | None = None) -> Played:
        """What a view shows of a stage; `shows`: what a scenario lays over it."""
        asked, found = self.vendor.operations[operation], self.vendor.lifecycles[lifecycle]
        view, told = found.views[operation], found.stages[stage]
        plays, shown = dict(told.plays.get(operation, {})), _state(found, operation, told)
        if not {"example", "body"} & set(plays):  # what a stage plays whole, its view does not fill in
            example = {"example": view.example} if view.example else {}
            filled = {} if shown.get("status", 200) >= 300 else {**view.plays, **example}
            plays = laid_over(filled, shown, plays)
        elif "status" in shown:
            plays = {"status": shown["status"], **plays}
        return self.answers.played(asked, asked.success, {**plays, **(shows or {})})

    def moved(self, operation: Operation, lifecycle: Lifecycle, belief: Belief) -> Played:
        """What a move answers: what shows the stage, where that is the same response; and what the belief plays."""
        shown: Mapping[str, Any] = {}
        for name, view in lifecycle.views.items():
            alike = self.vendor.operations[name].success
            if operation.success and alike and operation.success.place == alike.place:
                stage = lifecycle.stages[belief.says["to"][0]]
                shown = laid_over(view.plays, _state(lifecycle, name, stage), stage.plays.get(name, {}))
        return self.answers.played(operation, operation.success, laid_over(shown, belief.says.get("plays", {})))

    def not_moved(self, operation: Operation, clauses: Mapping[str, Any]) -> Played:
        """What a move answers about what it does not move. `clauses`: what that answer must meet."""
        plays = {"status": 409, **showing("$statusCode", {"where": clauses})}
        return self.answers.played(operation, operation.response(plays["status"]), plays)

    def nobody(self, operation: Operation) -> Played:
        """What is answered about an identifier that nobody has, where no belief says it."""
        documented = operation.response(404)
        body = {} if documented else {"body": {"message": "nothing of that name"}}
        return self.answers.played(operation, documented, {"status": 404, **body})

    def interrupted(self, operation: Operation, wrong: Interruption) -> Played:
        """An answer in place of the true one: as the document describes that status, where it does."""
        documented = operation.response(wrong.status)
        body = {} if wrong.body is MISSING and documented is None else wrong.body
        plays = {"status": wrong.status, "header": wrong.headers} | ({} if body is MISSING else {"body": body})
        return self.answers.played(operation, documented, plays)


def _state(lifecycle: Lifecycle, operation: str, stage: Stage) -> dict[str, Any]:
    """What is played so that a view's answer has the first state of a stage; nothing where none is documented."""
    state = stage.states.get(operation, MISSING)
    state = state[0] if isinstance(state, list) else state
    return {} if state is MISSING else showing(lifecycle.views[operation].state, state)
