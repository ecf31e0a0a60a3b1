"""The contract of a document that has none yet: guesses, each with a comment that says so."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from pollspec.document.scaffold.guesses import UNDER_WAY, Asked, Guesses, State, path, stages
from pollspec.document.source import Place

KEY = "pollspec-example-key"
GUESS = "a guess of pollspec scaffold"
EVERY, AT_MOST = 5, 3600
NO_STATE = """\
guess: no operation here shows a state, so there is no lifecycle. A state is a property with a list of words (enum).
Give the property its enum, and scaffold again; or write a lifecycle here: spec/README.md has the words."""

STAGES_OF_WORDS = """\
guess: a stage for each state. Its kind is read from its word (waiting, active, paused, done, failed,
gone), what may follow it (`then`) from the order of the list; an end is followed by nothing."""
STAGES_OF_A_FLAG = "guess: it is over when the boolean says so; it has failed if an error is there as well"


class Contract:
    """The contract of a document: `content`, and `comments` by the place that they stand above."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document, self.guesses = document, Guesses(document)
        self.by_id = {one.id: one for one in self.guesses.asked}
        self.comments: dict[Place, str] = {}
        self.content: dict[str, Any] = {}
        self._credentials()
        views = self.guesses.views()
        self.content |= {"lifecycles": {}, "subjects": {}}
        if views:
            self._lifecycle(views)
        else:
            self.comments["x-contract", "lifecycles"] = NO_STATE

    def beliefs(self) -> None:
        """Write what is believed of each operation into the document."""
        lifecycle = self.content["lifecycles"].get("work", {})
        for name in lifecycle.get("seen-by", {}):
            one = self.by_id[name]
            self._unknown(one)
            if identifier := self._echoed(one):
                pointer, asked = identifier
                said = {"value": f"$response.body#{pointer}", "of": asked}
                self._believe(one, "echoes", pointer[1:].replace("/", "-"), "The answer repeats its identifier.", said)
            if progress := self.guesses.progress(one):
                said = {"value": f"$response.body#{progress[0]}"}
                self._believe(one, "never-decreases", "progress", "The progress does not go back.", said)
        if starts := lifecycle.get("starts"):
            said = {"gives": next(iter(starts["mints"])), "to": next(iter(lifecycle["seen-by"]))}
            self._believe(
                self.by_id[starts["operation"]], "hands-over", "started", "What starts is found at once.", said
            )

    def _unknown(self, one: Asked) -> None:
        if self.guesses.identity(one):
            plays: dict[str, Any] = {"status": 404}
            plays |= {} if "404" in one.node.get("responses", {}) else {"body": {"message": "not found"}}
            said = {"subject": "unknown", "expect": {"$statusCode": 404}, "plays": plays}
            self._believe(one, "answers", "unknown", "What never was is not found.", said)

    def _believe(self, one: Asked, keyword: str, name: str, claim: str, says: dict[str, Any]) -> None:
        node = self.document["paths"][one.path][one.method].setdefault("x-contract", {})
        node[keyword] = {name: {"claim": claim, "implied": GUESS, **says}}
        said = claim[0].lower() + claim[1:-1]
        self.comments["paths", one.path, one.method, "x-contract", keyword] = f"guess: {said}"

    def _echoed(self, one: Asked) -> tuple[str, str] | None:
        """The property of an answer that repeats what tells instances apart, and where that is asked for."""
        asked = self.guesses.identity(one)[-1:]
        pointer = self.guesses.identifier(one.shows, asked[0].rsplit(".", 1)[-1]) if asked else None
        return (pointer, asked[0]) if pointer else None

    def _lifecycle(self, views: Mapping[str, State]) -> None:
        first = next(iter(views))
        view, state = self.by_id[first], views[first]
        place: Place = ("x-contract", "lifecycles", "work")
        self.comments[*place, "polls"] = f"guess: a poll every {EVERY} s, for at most {AT_MOST} s"
        made: dict[str, Any] = {"polls": {"every": EVERY, "at-most": AT_MOST}}
        if start := self.guesses.start(view):
            says = "has the identifier" if start[2].startswith("$") else "tells where it is"
            self.comments[*place, "starts"] = f"guess: {start[0]} starts it, and its answer {says}"
            made["starts"] = {"operation": start[0], "mints": {start[1]: start[2]}}
        made["seen-by"] = {name: self._seen(self.by_id[name], found) for name, found in views.items()}
        for name, found in views.items():
            self.comments[*place, "seen-by", name] = f"guess: {found.pointer} is the state ({found.why} say so)"
        made["stages"] = self._stages(views, stages(state.values))
        self.comments[*place, "stages"] = STAGES_OF_A_FLAG if state.is_flag else STAGES_OF_WORDS
        self.content["lifecycles"]["work"] = made
        self._subjects(view, stages(state.values))

    def _seen(self, one: Asked, state: State) -> dict[str, Any]:
        identity = self.guesses.identity(one)
        instance = "latest" if not identity else identity[0] if len(identity) == 1 else identity
        echoed = self._echoed(one)
        plays = {"plays": dict([echoed])} if echoed else {}
        return {"instance": instance, "state": f"$response.body#{state.pointer}", **plays}

    def _stages(self, views: Mapping[str, State], guessed: Mapping[str, tuple[str, list[str]]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        active = [name for name, (kind, _) in guessed.items() if kind == "active"]
        for name, (kind, then) in guessed.items():
            states = {view: _flagged(state, name) if state.is_flag else name for view, state in views.items()}
            made[name] = {"kind": kind, "then": then, "states": states}
            plays: dict[str, Any] = {}
            for view, state in views.items():
                if progress := self.guesses.progress(self.by_id[view]):
                    plays[view] = {progress[0]: _played(kind, name, active, progress[1])}
                if state.error:
                    pointer, sample = state.error
                    plays[view] = {**plays.get(view, {}), pointer: sample if kind == "failed" else {"absent": True}}
            made[name] |= {"plays": plays} if plays else {}
        return made

    def _subjects(self, view: Asked, guessed: Mapping[str, tuple[str, list[str]]]) -> None:
        """Test cards of the polite server: one for each end, and one that never was."""
        identity = self.guesses.identity(view)
        examples = {f"$request.{p['in']}.{p['name']}": p.get("example") for p in view.node.get("parameters", [])}
        given = {text: examples[text] for text in identity}
        ends = {"finished": "done", "failed": "failed", "gone": "gone"}
        subjects: dict[str, Any] = {}
        for number, (name, kind) in enumerate(ends.items()):
            if way := path(guessed, kind):
                description = f"It ends in {way[-1]}."
                card = {**given, identity[-1]: _other(given[identity[-1]], number)} if identity else {}
                subjects[name] = {"description": description, "path": way} | ({"given": card} if card else {})
                if not identity:
                    break
        if identity:
            card = {**given, identity[-1]: _other(given[identity[-1]], len(ends))}
            subjects["unknown"] = {"description": "It never was.", "path": [], "given": card, "anywhere": True}
        self.comments["x-contract", "subjects"] = (
            "the test cards of pollspec mock; of a server of yours a target file tells"
        )
        self.content["subjects"] = subjects

    def _credentials(self) -> None:
        """An example of a credential, where one is sent in a header."""
        schemes = self.document["components"].get("securitySchemes", {})
        sent = {header: value for scheme in schemes.values() for header, value in [_credential(scheme)] if header}
        if sent:
            self.comments["x-contract", "credentials"] = (
                "examples, for pollspec mock; the real ones stand in a target file"
            )
            self.content["credentials"] = {"default": sent}


def _flagged(state: State, name: str) -> dict[str, Any]:
    """What shows a stage where a boolean says whether it is over."""
    place = f"$response.body#{state.pointer}"
    if name == UNDER_WAY:
        return {"where": {"$statusCode": 200, place: {"absent-or": {"const": False}}}}
    error = {f"$response.body#{state.error[0]}": name == "failed" or {"absent-or": None}} if state.error else {}
    return {"where": {place: {"const": True}, **error}}


def _credential(scheme: Mapping[str, Any]) -> tuple[str, str]:
    """The header that a scheme is sent in, as an expression, with an example; "" where it is none."""
    kind, name = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    if kind == "apiKey" and scheme.get("in") == "header":
        return f"$request.header.{scheme['name']}", KEY
    if kind == "http" and name == "basic":
        return "$request.header.Authorization", f"Basic {base64.b64encode(f'someone:{KEY}'.encode()).decode()}"
    if kind in {"oauth2", "openIdConnect"} or (kind == "http" and name == "bearer"):
        return "$request.header.Authorization", f"Bearer {KEY}"
    return "", ""


def _played(kind: str, name: str, active: list[str], most: int) -> Any:
    """What a number that says how far it is shows in a stage."""
    if kind == "waiting":
        return 0
    if kind == "done":
        return most
    if kind in {"failed", "paused"}:  # as far as it had come
        return max(most - 1, 0)
    if kind != "active":
        return {"absent": True}
    place, parts = active.index(name), len(active)
    return {"ramp": [most * place // parts, max(most * (place + 1) // parts - 1, most * place // parts)]}


def _other(value: Any, number: int) -> Any:
    """Another value like this one."""
    if not number:
        return value
    if isinstance(value, int | float):
        return value + number
    text = str(value)
    return f"{text[:-1]}{(int(text[-1]) + number) % 10}" if text[-1:].isdecimal() else f"{text}-{number + 1}"
