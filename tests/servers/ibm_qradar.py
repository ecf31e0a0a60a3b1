"""IBM QRadar, "GET /gui_app_framework/application_creation_task/{application_id}", read from its page alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import Answering, Asked, Misdeed, Told

PATH = re.compile(r"/gui_app_framework/application_creation_task/([^/]+)")
FIELD = re.compile(r"([^,()\s]+)\s*(?:\(([^()]*)\))?")
CREDENTIALS: dict[str, dict[str, str]] = {
    "default": {"SEC": "7c1d90ee-5a0b-4e4e-a1c7-52f6f1c40b11"},
    "invalid": {"SEC": "00000000-dead-4bad-8bad-000000000000"},
}
SUBJECTS: dict[str, dict[str, str]] = {
    "finished": {"application_id": "1101"},
    "failed": {"application_id": "1102"},
    "cancelled": {"application_id": "1103"},
    "upgraded": {"application_id": "1104"},
    "unknown": {"application_id": "987654"},
    "disabled": {"application_id": "1105"},
    "broken": {"application_id": "1106"},
}
BODIES: dict[str, Any] = {}
NAMES = {subject["application_id"]: name for name, subject in SUBJECTS.items()}
# From which share of the whole time on an install has which status.
STORIES = {
    "finished": ((0.0, "CREATING"), (0.3, "AUTH_REQUIRED"), (0.5, "CREATING"), (0.8, "STARTING"), (1.0, "COMPLETED")),
    "failed": ((0.0, "CREATING"), (0.4, "UNKNOWN"), (0.6, "ERROR")),
    "cancelled": ((0.0, "CREATING"), (0.3, "STOPPING"), (0.5, "DELETING"), (0.7, "CANCELLED")),
    "upgraded": ((0.0, "UPGRADING"), (0.4, "STOPPING"), (0.6, "STARTING"), (1.0, "COMPLETED")),
}
REFUSALS = {
    "unknown": (404, 1002, "The application identifier could not be found."),
    "disabled": (409, 33700, "The application framework is currently disabled."),
    "broken": (500, 1020, "The request could not be completed."),
}
REASONS = (("E17", "Image build failed", "docker"), ("E3", "No route to registry", "network"))

NAMED = "Optional - Use this parameter to specify which fields you would like to get back in the response."
OTHERS = "Fields that are not named are excluded."
INNER = "Specify subfields in brackets and multiple fields in the same object are separated by commas."
NOT_FOUND = "404 1002 The application identifier could not be found."
DISABLED = "409 33700 The application framework is currently disabled."
BROKEN = "500 1020 The request could not be completed."
ID = "application_id - Integer - Application identifier."
CREATING = "CREATING - the install has not yet completed."
STATUSES = (
    '"status": "String <one of: CREATING, UPGRADING, STOPPING, STARTING, AUTH_REQUIRED, COMPLETED, CANCELLED, '
    'DELETING, ERROR, UNKNOWN>"'
)
ERROR = "ERROR - the install failed. The reason is in error_messages."
MESSAGES = "error_messages - String - Error messages, if status is ERROR."
LISTED = '"error_messages_json": [ { "code": "String", "message": "String", "source": "String" } ]'
MISDEEDS: tuple[Misdeed, ...] = (
    Misdeed("id-as-text", ID, "application_id is a text."),
    Misdeed("id-left-out", ID, "application_id is missing."),
    Misdeed("id-changes", ID, "An upgrade answers with another application_id from its middle on."),
    Misdeed("status-in-lower-case", STATUSES, "status is in lower case."),
    Misdeed("status-unlisted", STATUSES, "An install that runs has the status INSTALLING."),
    Misdeed("status-null-at-first", "status - String", "status is null until the install has a container."),
    Misdeed("completed-while-starting", "COMPLETED - the install has completed.", "COMPLETED turns into STARTING."),
    Misdeed("completed-flickers", CREATING, "A completed upgrade is CREATING every other time."),
    Misdeed("cancelled-goes-on", "CANCELLED - the install has been cancelled.", "CANCELLED turns into COMPLETED."),
    Misdeed("error-goes-on", ERROR, "ERROR turns into CREATING, then COMPLETED."),
    Misdeed("error-without-reason", ERROR, "error_messages is null when the status is ERROR."),
    Misdeed("reason-vanishes", ERROR, "error_messages is empty some time after the install failed."),
    Misdeed("messages-as-list", MESSAGES, "error_messages is an array of texts."),
    Misdeed("messages-without-error", MESSAGES, "error_messages has a text when the install completed."),
    Misdeed("json-as-text", LISTED, "error_messages_json is a text that holds JSON."),
    Misdeed("json-code-as-number", LISTED, "code in error_messages_json is a number."),
    Misdeed("json-without-source", LISTED, "source is missing in error_messages_json."),
    Misdeed("fields-ignored", NAMED, "All fields come back, whichever are named."),
    Misdeed("fields-only-first", NAMED, "Only the first of the named fields comes back."),
    Misdeed("fields-as-null", OTHERS, "A field that is not named comes back as null."),
    Misdeed("fields-always-id", OTHERS, "application_id comes back although it is not named."),
    Misdeed("subfields-ignored", INNER, "All subfields come back, whichever are named."),
    Misdeed("subfields-only-first", INNER, "Only the first of the named subfields comes back."),
    Misdeed("subfields-lose-field", INNER, "A field with brackets does not come back."),
    Misdeed("unknown-as-status", NOT_FOUND, "An unknown identifier is answered 200 with the status UNKNOWN."),
    Misdeed("unknown-as-400", NOT_FOUND, "An unknown identifier is answered 400."),
    Misdeed("unknown-is-created", NOT_FOUND, "An unknown identifier is CREATING from its second request on."),
    Misdeed("unknown-with-1020", NOT_FOUND, "An unknown identifier has the unique code 1020."),
    Misdeed("disabled-as-503", DISABLED, "A disabled framework is answered 503."),
    Misdeed("disabled-not-checked", DISABLED, "A disabled framework shows installs all the same."),
    Misdeed("broken-as-error", BROKEN, "A request that cannot be completed is answered 200 with the status ERROR."),
    Misdeed("broken-as-404", BROKEN, "A request that cannot be completed is answered 404."),
    Misdeed("sent-as-html", "MIME Type application/json", "The answer says that it is HTML."),
)


class Server(Answering):
    """A QRadar with four installs and three identifiers that it refuses."""

    MISDEEDS = MISDEEDS

    def __init__(self, clock: Callable[[], float], misdeed: str | None = None, duration: float = 30.0) -> None:
        super().__init__(clock, misdeed, duration)
        self.first: dict[str, float] = {}
        self.times: dict[str, int] = {}

    def answer(self, asked: Asked) -> Told:
        """The status of an install, or a refusal."""
        matched = PATH.fullmatch(asked.path)
        if not matched:
            return Told(404, {"message": "No such resource."})
        if asked.method != "GET":
            return Told(405, {"message": "Only GET."}, {"Allow": "GET"})
        if asked.headers.get("sec") != CREDENTIALS["default"]["SEC"]:
            return Told(401, {"message": "No authorized service."})
        told = self._told(matched[1])
        if told.status == 200:
            told = Told(200, self._projected(told.body, asked.query.get("fields", "")))
        media = "text/html" if self.does("sent-as-html") else "application/json; charset=utf-8"
        return Told(told.status, told.body, told.headers, media)

    def _told(self, sent: str) -> Told:
        name = NAMES.get(sent, "unknown")
        if not (sent.isascii() and sent.isdigit()):
            return self._refusal("unknown")
        self.times[sent] = self.times.get(sent, 0) + 1
        if name in STORIES:
            return Told(200, self._task(sent, name))
        if name == "unknown" and self.does("unknown-as-status"):
            return Told(200, self._body(sent, "UNKNOWN", 0.0))
        if name == "unknown" and self.does("unknown-is-created") and self.times[sent] > 1:
            return Told(200, self._body(sent, "CREATING", 0.0))
        if name == "disabled" and self.does("disabled-not-checked"):
            return Told(200, self._body(sent, "CREATING", 0.0))
        if name == "broken" and self.does("broken-as-error"):
            return Told(200, self._body(sent, "ERROR", 0.0))
        return self._refusal(name)

    def _refusal(self, name: str) -> Told:
        status, code, text = REFUSALS[name]
        if name == "unknown" and self.does("unknown-as-400"):
            status = 400
        if name == "unknown" and self.does("unknown-with-1020"):
            code = 1020
        if name == "disabled" and self.does("disabled-as-503"):
            status = 503
        if name == "broken" and self.does("broken-as-404"):
            status = 404
        return Told(status, {"message": text, "code": code, "source": "gui_app_framework"})

    def _task(self, sent: str, name: str) -> dict[str, Any]:
        now = self.clock()
        share = (now - self.first.setdefault(sent, now)) / self.duration
        status = [status for begin, status in self._story(name) if share >= begin][-1]
        if (
            name == "upgraded"
            and status == "COMPLETED"
            and self.times[sent] % 2 == 0
            and self.does("completed-flickers")
        ):
            status = "CREATING"
        body = self._body(sent, status, share)
        if name == "upgraded" and share >= 0.5 and self.does("id-changes"):
            body["application_id"] += 1000
        if share < 0.2 and self.does("status-null-at-first"):
            body["status"] = None
        return body

    def _story(self, name: str) -> tuple[tuple[float, str], ...]:
        story = STORIES[name]
        if name == "finished" and self.does("completed-while-starting"):
            return (*story[:3], (0.6, "COMPLETED"), *story[3:])
        if name == "cancelled" and self.does("cancelled-goes-on"):
            return (*story, (0.9, "COMPLETED"))
        if name == "failed" and self.does("error-goes-on"):
            return (*story, (0.8, "CREATING"), (1.0, "COMPLETED"))
        return story

    def _body(self, sent: str, status: str, share: float) -> dict[str, Any]:
        shown = "INSTALLING" if status == "CREATING" and self.does("status-unlisted") else status
        body = {
            "status": shown.lower() if self.does("status-in-lower-case") else shown,
            "error_messages_json": self._listed() if status == "ERROR" else [],
            "error_messages": self._messages(status, share),
            "application_id": sent if self.does("id-as-text") else int(sent),
            "installed_by": "admin",
        }
        if self.does("id-left-out"):
            del body["application_id"]
        if self.does("json-as-text"):
            body["error_messages_json"] = str(body["error_messages_json"]).replace("'", '"')
        return body

    def _messages(self, status: str, share: float) -> Any:
        if status != "ERROR":
            return "No errors." if status == "COMPLETED" and self.does("messages-without-error") else None
        if self.does("error-without-reason") or (share >= 0.8 and self.does("reason-vanishes")):
            return None if self.does("error-without-reason") else ""
        texts = [text for _, text, _ in REASONS]
        return texts if self.does("messages-as-list") else "; ".join(texts)

    def _listed(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = [
            {"message": text, "source": source, "code": code} for code, text, source in REASONS
        ]
        for entry in listed:
            if self.does("json-code-as-number"):
                entry["code"] = int(entry["code"][1:])
            if self.does("json-without-source"):
                del entry["source"]
        return listed

    def _projected(self, body: dict[str, Any], fields: str) -> dict[str, Any]:
        """Only what `fields` names; square and curly brackets do as well, and no names at all mean everything."""
        named: dict[str, str] = dict(FIELD.findall(fields.translate(str.maketrans("[]{}", "()()"))))
        if not named or self.does("fields-ignored"):
            return body
        if self.does("fields-only-first"):
            named = dict(list(named.items())[:1])
        if self.does("fields-always-id"):
            named.setdefault("application_id", "")
        if self.does("subfields-lose-field"):
            named = {name: inner for name, inner in named.items() if not inner}
        kept = {name: self._inner(value, named[name]) for name, value in body.items() if name in named}
        return {**dict.fromkeys(body), **kept} if self.does("fields-as-null") else kept

    def _inner(self, value: Any, inner: str) -> Any:
        names = FIELD.findall(inner)
        if not names or not isinstance(value, list) or self.does("subfields-ignored"):
            return value
        wanted = {name for name, _ in (names[:1] if self.does("subfields-only-first") else names)}
        return [{name: entry[name] for name in entry if name in wanted} for entry in value]
