"""Rocket.Chat, "Get the progress of an import", read from its page alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import Answering, Asked, Misdeed, Told

PATH = "/api/v1/getImportProgress"
TOKEN, OTHER_TOKEN = "rc-Kq7_importer-token-4mZ2pX9dVb6T", "rc-Wn3_plain-user-token-8hL5sY1cJf0R"
SUBJECTS: dict[str, dict[str, str]] = {
    "finished": {"X-User-Id": "fN4sTqv9LmPz2KxYe"},
    "failed": {"X-User-Id": "gB7cWdh3RnQk5JtUa"},
    "cancelled": {"X-User-Id": "hC8eXfj4SoRm6HvVi"},
    "never-imported": {"X-User-Id": "jD9gYhk5TpSn7GwWo"},
}
CREDENTIALS: dict[str, dict[str, str]] = {
    "default": {**SUBJECTS["finished"], "X-Auth-Token": TOKEN},
    "unprivileged": {"X-User-Id": "kE2iZjm6UqTp8FxXu", "X-Auth-Token": OTHER_TOKEN},
    "invalid": {**SUBJECTS["finished"], "X-Auth-Token": "rc-not-a-token-anybody-was-given"},
}
BODIES: dict[str, Any] = {}
NAMES = {subject["X-User-Id"]: name for name, subject in SUBJECTS.items()}
UNPRIVILEGED = CREDENTIALS["unprivileged"]["X-User-Id"]
RECORDS = 40
# The page prints one step only, importer_user_selection; the other steps' names are this server's own.
ENDS = {
    "finished": (1.0, "importer_finished"),
    "failed": (0.7, "importer_failed"),
    "cancelled": (0.6, "importer_stopped"),
}

IMPORT = "Get the progress of an import."
KEY, NAME, STEP = '"key": "pending-avatars",', '"name": "Pending Avatars",', '"step": "importer_user_selection",'
COUNT, DONE, TOTAL = '"count": { "completed": 0, "total": 0 },', '"completed": 0,', '"total": 0'
SUCCESS, FAILURE = '"success": true', '"success": false,'
USER = "X-User-Id | myuser-name | Required | The authenticated user ID. |"
AUTH = "Authorization: Requires an authentication token for the request to be made."
LACKS = "No Permission: This occurs when the authenticated user doesn't have the run-import permission."
UNAUTHORIZED = '"error": "unauthorized"'
DENIED = '"error": "User does not have the permissions required for this action [error-unauthorized]"'
MISDEEDS: tuple[Misdeed, ...] = (
    Misdeed("key-left-out", KEY, "key is missing."),
    Misdeed("key-null-at-first", KEY, "key is null until records are imported."),
    Misdeed("key-changes", KEY, "key names another importer from the middle on."),
    Misdeed("name-as-object", NAME, "name is an object by language."),
    Misdeed("step-as-number", STEP, "step is the number of the step."),
    Misdeed("step-null-at-end", STEP, "step is null once the import has ended."),
    Misdeed("count-left-out-at-first", COUNT, "count is missing until records are imported."),
    Misdeed("count-flat", COUNT, "completed and total stand beside step, not in count."),
    Misdeed("completed-as-text", DONE, "completed is a text."),
    Misdeed("completed-as-share", DONE, "completed is a fraction of 1."),
    Misdeed("completed-negative", DONE, "completed is -1 until records are imported."),
    Misdeed("completed-goes-back", IMPORT, "completed starts over at the second batch of records."),
    Misdeed("completed-past-total", COUNT, "completed counts on past total."),
    Misdeed("total-counts-remaining", TOTAL, "total is what remains to be imported."),
    Misdeed("total-null", TOTAL, "total is null until it is known."),
    Misdeed("finished-runs-again", IMPORT, "A finished import starts over, then finishes again."),
    Misdeed("success-left-out", SUCCESS, "success is missing where the progress is shown."),
    Misdeed("success-as-text", SUCCESS, "success is a text."),
    Misdeed("success-false-while-running", SUCCESS, "success is false until the import has ended."),
    Misdeed("wrapped", '{ "key": "pending-avatars",', "The progress stands in a field of its own, progress."),
    Misdeed("no-import-as-empty", SUCCESS, "Where there is no import, the answer is 200 with an empty object."),
    Misdeed("token-not-required", AUTH, "A user ID alone is enough."),
    Misdeed("any-token-accepted", AUTH, "Any token is accepted."),
    Misdeed("token-remembered", AUTH, "Once a user was let in, any token lets that user in."),
    Misdeed("user-id-not-required", USER, "A token alone is enough."),
    Misdeed("any-user-id-accepted", USER, "A token is accepted with any user ID."),
    Misdeed("permission-not-checked", LACKS, "A user who lacks the permission is shown the progress."),
    Misdeed("permission-checked-once", LACKS, "A user who lacks the permission is refused only the first time."),
    Misdeed("denied-as-unauthorized", DENIED, "A user who lacks the permission is told unauthorized."),
    Misdeed("denied-without-code", DENIED, "The refusal lacks the code in brackets."),
    Misdeed("unauthorized-in-other-words", UNAUTHORIZED, "The refusal has another text."),
    Misdeed("unauthorized-as-text", UNAUTHORIZED, "The refusal is plain text."),
    Misdeed("refused-as-success", FAILURE, "success is true in a refusal."),
)


class Server(Answering):
    """A Rocket.Chat where each user has an import of their own."""

    MISDEEDS = MISDEEDS

    def __init__(self, clock: Callable[[], float], misdeed: str | None = None, duration: float = 30.0) -> None:
        super().__init__(clock, misdeed, duration)
        self.first: dict[str, float] = {}
        self.seen: set[str] = set()

    def answer(self, asked: Asked) -> Told:
        """The progress, or a refusal."""
        if asked.path != PATH:
            return Told(404, {"success": False, "error": "No such method"})
        if asked.method != "GET":
            return Told(405, {"success": False, "error": "Only GET"}, {"Allow": "GET"})
        user = self._user(asked.headers.get("x-user-id"), asked.headers.get("x-auth-token"))
        if user is None:
            return self._unauthorized()
        if user == UNPRIVILEGED and not self._overlooks(user):
            return self._denied()
        self.seen.add(user)
        story = NAMES.get(user, "finished")
        if story == "never-imported":
            if self.does("no-import-as-empty"):
                return Told(200, {})
            return Told(400, {"error": "Nothing was ever imported", "success": False})
        return Told(200, self._body(story, self._share(user)), media="application/json; charset=UTF-8")

    def _user(self, user: str | None, token: str | None) -> str | None:
        """Who is asking; None for somebody who cannot prove it."""
        if user is None and token == TOKEN and self.does("user-id-not-required"):
            return SUBJECTS["finished"]["X-User-Id"]
        if user is not None and token == TOKEN and self.does("any-user-id-accepted"):
            return user
        if user in NAMES or user == UNPRIVILEGED:
            if token == (TOKEN if user in NAMES else OTHER_TOKEN):
                return user
            if self.does("token-not-required" if token is None else "any-token-accepted"):
                return user
            if token is not None and user in self.seen and self.does("token-remembered"):
                return user
        return None

    def _overlooks(self, user: str) -> bool:
        if self.does("permission-checked-once"):
            again = user in self.seen
            self.seen.add(user)
            return again
        return self.does("permission-not-checked")

    def _unauthorized(self) -> Told:
        if self.does("unauthorized-as-text"):
            return Told(401, b"unauthorized", media="text/plain")
        text = "You must be logged in to do this." if self.does("unauthorized-in-other-words") else "unauthorized"
        return Told(401, {"error": text, "success": self.does("refused-as-success")})

    def _denied(self) -> Told:
        text = "User does not have the permissions required for this action"
        if not self.does("denied-without-code"):
            text += " [error-unauthorized]"
        if self.does("denied-as-unauthorized"):
            text = "unauthorized"
        return Told(400, {"error": text, "success": self.does("refused-as-success")})

    def _share(self, user: str) -> float:
        now = self.clock()
        share = min((now - self.first.setdefault(user, now)) / self.duration, 1.0)
        if self.does("finished-runs-again"):
            return share / 0.6 if share < 0.6 else 0.5 if 0.8 <= share < 1.0 else 1.0
        return share

    def _body(self, story: str, share: float) -> dict[str, Any]:
        stop, end = ENDS[story]
        ended, importing = share >= stop, share >= 0.3
        steps = ("importer_reading", "importer_user_selection", "importer_writing", end)
        number = 3 if ended else 2 if importing else 1 if share >= 0.15 else 0
        step: Any = number if self.does("step-as-number") else steps[number]
        body = {
            "success": self._success(ended),
            "count": self._count(min(share, stop), importing),
            "step": None if ended and self.does("step-null-at-end") else step,
            "name": {"en": "Contacts (CSV)"} if self.does("name-as-object") else "Contacts (CSV)",
            "key": "csv" if share >= 0.5 and self.does("key-changes") else "csv-contacts",
            "warnings": [],
        }
        if not importing and self.does("key-null-at-first"):
            body["key"] = None
        if self.does("key-left-out"):
            del body["key"]
        if self.does("success-left-out"):
            del body["success"]
        if not importing and self.does("count-left-out-at-first"):
            del body["count"]
        if self.does("count-flat"):
            body.update(body.pop("count"))
        return {"progress": body} if self.does("wrapped") else body

    def _success(self, ended: bool) -> Any:
        if self.does("success-as-text"):
            return "true"
        return ended or not self.does("success-false-while-running")

    def _count(self, at: float, importing: bool) -> dict[str, Any]:
        total: Any = RECORDS if importing else 0
        completed: Any = round(RECORDS * max(at - 0.3, 0.0) / 0.7)
        if self.does("total-counts-remaining"):
            total -= completed
        if self.does("total-null") and not importing:
            total = None
        if self.does("completed-goes-back") and completed >= RECORDS // 2:
            completed -= RECORDS // 2
        if self.does("completed-past-total"):
            completed = completed * 5 // 4
        if self.does("completed-as-share"):
            completed = completed / RECORDS
        if self.does("completed-negative") and not importing:
            completed = -1
        return {"total": total, "completed": str(completed) if self.does("completed-as-text") else completed}
