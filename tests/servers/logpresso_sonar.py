"""Logpresso Sonar, "Get App Install Progress", read from its page alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import Answering, Asked, Misdeed, Told

PATH = "/api/sonar/apps/install-progress"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
CREDENTIALS: dict[str, dict[str, str]] = {
    "default": {"Authorization": "Bearer sonar-member-key-51f0c2a97be84d63"},
    "unprivileged": {"Authorization": "Bearer sonar-guest-key-0b7de6643c1f4a28"},
    "invalid": {"Authorization": "Bearer sonar-no-such-key-93a1d5e07c62"},
}
SUBJECTS: dict[str, dict[str, str]] = {
    "finished": {"token": "0d4f7a52-91c3-4e0b-8b66-2f1c9a7e5d01"},
    "failed": {"token": "1e5a8b63-a2d4-4f1c-9c77-3a2dab8f6e12"},
    "cancelled": {"token": "2f6b9c74-b3e5-402d-8d88-4b3ebc907f23"},
    "acknowledged": {"token": "307cad85-c4f6-413e-9e99-5c4fcda18034"},
    "unknown": {"token": "418dbe96-d507-424f-8faa-6d50deb29145"},
}
BODIES: dict[str, Any] = {}
STORIES = {subject["token"]: story for story, subject in SUBJECTS.items() if story != "unknown"}
# Each node's name, identifier and type, and the shares of the whole time between which it installs.
NODES = (
    ("leader", "8a1b2c3d-0000-4000-8000-00000000000a", "control", 0.1, 0.5),
    ("store-7", "8a1b2c3d-0000-4000-8000-00000000000b", "data", 0.2, 0.8),
    ("edge", "8a1b2c3d-0000-4000-8000-00000000000c", "collector", 0.4, 1.0),
)

TOTAL = "total_progress (32-bit integer): Overall progress (0 to 100)"
TARGETS = "total_node (32-bit integer): Number of target nodes"
DONE = "completed_node (32-bit integer): Number of nodes that completed installation"
STATUS = "status (String): Installation status (standby, in_progress, completed, error)"
CANCELLED = "is_cancelled (Boolean): Whether the installation has been cancelled"
ERROR = "error_code (String): Overall installation error code. null while running normally."
CODE = "disk-space-error: Insufficient disk space"
NODE = "node_progress (32-bit integer): Node progress (0 to 100)"
NODE_ERROR = "error_code (String): Per-node error code. null while running normally."
CLUSTER = "The response includes overall progress as well as per-node progress across the cluster."
NODE_ID, NODE_TYPE = "node_guid (String): Node GUID", "node_type (String): Node type (control, data, forwarder, etc.)"
TOKEN = "Retrieves the progress of the app installation identified by the install token."
ABSENT = "When the install session does not exist, the install_progress field is omitted from the response."
PRESENT = "install_progress (Object): Installation progress. Included only when the install session exists."
BAD_TOKEN, BAD_TEXT = "token is missing or not in valid GUID format", '"error_msg": "token should be guid type."'
ROLE, KEY = "Requires the MEMBER role or higher.", 'curl -H "Authorization: Bearer <API_KEY>" \\'
MISDEEDS: tuple[Misdeed, ...] = (
    Misdeed("total-as-text", TOTAL, "total_progress is a text with a percent sign."),
    Misdeed("total-with-decimals", TOTAL, "total_progress is the mean of the nodes, not rounded."),
    Misdeed("total-over-100", TOTAL, "total_progress ends at 101."),
    Misdeed("total-goes-back", TOTAL, "total_progress falls for a while late in the run."),
    Misdeed("total-node-counts-remaining", TARGETS, "total_node leaves out the nodes that are done."),
    Misdeed("completed-node-counts-started", DONE, "completed_node counts the nodes that merely started."),
    Misdeed("status-in-upper-case", STATUS, "status is in upper case."),
    Misdeed("status-cancelled", STATUS, "A cancelled installation has a status of its own, cancelled."),
    Misdeed("completed-too-early", STATUS, "status is completed while a node is still installing."),
    Misdeed("completed-runs-again", STATUS, "A completed installation is in progress again, then completes again."),
    Misdeed("failure-forgotten", STATUS, "A failed installation goes on and completes."),
    Misdeed("is-cancelled-as-number", CANCELLED, "is_cancelled is 0 or 1."),
    Misdeed("cancellation-forgotten", CANCELLED, "A cancelled installation goes on as if it never had been."),
    Misdeed("error-code-empty", ERROR, "error_code is an empty text while nothing is wrong."),
    Misdeed("error-code-cleared", ERROR, "error_code of a failed installation turns null after a while."),
    Misdeed("error-code-unlisted", CODE, "A failed installation has an error_code that the page does not list."),
    Misdeed("node-goes-back", NODE, "A node starts over when it is most of the way."),
    Misdeed("node-as-fraction", NODE, "node_progress is between 0 and 1."),
    Misdeed("node-error-left-out", NODE_ERROR, "A node without an error has no error_code at all."),
    Misdeed("done-nodes-left-out", CLUSTER, "node_progresses lists only the nodes that are not done."),
    Misdeed("nodes-by-guid", "node_progresses (Array): Per-node progress", "node_progresses is an object by GUID."),
    Misdeed("node-guid-changes", NODE_ID, "A node has another GUID in the second half."),
    Misdeed("node-type-null", NODE_TYPE, "node_type is null for a node that is neither control nor data."),
    Misdeed("token-ignored", TOKEN, "Every token shows the same installation."),
    Misdeed("unknown-as-null", ABSENT, "install_progress is null where the session does not exist."),
    Misdeed("unknown-as-404", ABSENT, "A session that does not exist is an error 404."),
    Misdeed("unknown-as-standby", PRESENT, "A session that does not exist is shown on standby."),
    Misdeed("session-flickers", PRESENT, "A running session is not shown for a while."),
    Misdeed("malformed-token-as-unknown", BAD_TOKEN, "A token that is no GUID is a session that does not exist."),
    Misdeed("only-length-checked", BAD_TOKEN, "Any 36 characters pass as a GUID."),
    Misdeed("missing-token-shows-latest", BAD_TOKEN, "Without a token, some installation is shown."),
    Misdeed("bad-token-as-422", "HTTP status code 400", "A malformed token is refused with 422."),
    Misdeed("bad-token-in-other-words", BAD_TEXT, "A malformed token is refused with another error_msg."),
    Misdeed("denial-as-403", "HTTP status code 500", "A lack of permission is refused with 403."),
    Misdeed("denial-in-other-words", '"error_msg": "no-permission"', "A lack of permission has another error_msg."),
    Misdeed("role-not-checked", ROLE, "A guest is shown the progress."),
    Misdeed("key-not-required", KEY, "The progress is shown to a request without a key."),
    Misdeed("any-key-accepted", KEY, "The progress is shown for any key."),
)


class Server(Answering):
    """A Sonar whose three nodes install one after another, overlapping."""

    MISDEEDS = MISDEEDS

    def __init__(self, clock: Callable[[], float], misdeed: str | None = None, duration: float = 30.0) -> None:
        super().__init__(clock, misdeed, duration)
        self.first: dict[str, float] = {}
        self.gone: set[str] = set()

    def answer(self, asked: Asked) -> Told:
        """The progress, or a refusal."""
        if asked.path != PATH:
            return Told(404, {"error_code": "not-found"})
        if asked.method != "GET":
            return Told(405, {"error_code": "unsupported-method"}, {"Allow": "GET"})
        if refusal := self._key_refused(asked.headers.get("authorization")):
            return refusal
        token = asked.query.get("token")
        if token is None and self.does("missing-token-shows-latest"):
            token = SUBJECTS["finished"]["token"]
        if refusal := self._token_refused(token or ""):
            return refusal
        progress = self._session((token or "").lower())
        if progress is None and self.does("unknown-as-404"):
            return Told(404, {"error_code": "session-not-found", "error_msg": "install session not found"})
        shown = progress is not None or self.does("unknown-as-null")
        body = {"served_by": "leader", **({"install_progress": progress} if shown else {})}
        return Told(200, body, media="application/json;charset=UTF-8")

    def _key_refused(self, key: str | None) -> Told | None:
        known = key in [CREDENTIALS[name]["Authorization"] for name in ("default", "unprivileged")]
        if not known and not self.does("key-not-required" if key is None else "any-key-accepted"):
            return Told(401, {"error_code": "unauthenticated", "error_msg": "Who are you?"})
        if key == CREDENTIALS["unprivileged"]["Authorization"] and not self.does("role-not-checked"):
            message = "MEMBER role required" if self.does("denial-in-other-words") else "no-permission"
            status = 403 if self.does("denial-as-403") else 500
            return Told(status, {"error_msg": message, "error_code": "illegal-state"})
        return None

    def _token_refused(self, token: str) -> Told | None:
        if GUID.fullmatch(token) or (len(token) == 36 and self.does("only-length-checked")):
            return None
        if token and self.does("malformed-token-as-unknown"):
            return None
        message = "invalid token" if self.does("bad-token-in-other-words") else "token should be guid type."
        status = 422 if self.does("bad-token-as-422") else 400
        return Told(status, {"error_msg": message, "error_code": "invalid-param-type"})

    def _session(self, token: str) -> dict[str, Any] | None:
        story = STORIES.get(token)
        if story is None or token in self.gone:
            return self._progress("finished", 0.0) if self.does("unknown-as-standby") else None
        if self.does("token-ignored"):
            story = "finished"
        share = self._share(token)
        if self.does("session-flickers") and 0.4 <= share < 0.6:
            return None
        progress = self._progress(story, share)
        if story == "acknowledged" and progress["completed_node"] == len(NODES):
            self.gone.add(token)
        return progress

    def _share(self, token: str) -> float:
        now = self.clock()
        share = min((now - self.first.setdefault(token, now)) / self.duration, 1.0)
        if self.does("completed-runs-again"):
            return share / 0.6 if share < 0.6 else 0.7 if 0.8 <= share < 1.0 else 1.0
        return share

    def _progress(self, story: str, share: float) -> dict[str, Any]:
        failed, cancelled = self._stops(story, share)
        at = 0.6 if failed else 0.5 if cancelled else share
        nodes = [self._node(index, at, failed) for index in range(len(NODES))]
        true = [_percent(index, at) for index in range(len(NODES))]
        done = true.count(100)
        return {
            "status": self._status(at, failed, cancelled, done),
            "error_code": self._code(failed, share),
            "is_cancelled": int(cancelled) if self.does("is-cancelled-as-number") else cancelled,
            "total_node": len(NODES) - (done if self.does("total-node-counts-remaining") else 0),
            "completed_node": sum(map(bool, true)) if self.does("completed-node-counts-started") else done,
            "total_progress": self._total(at, true),
            "node_progresses": self._nodes(nodes, true),
            "app_code": "threat-feed",
        }

    def _stops(self, story: str, share: float) -> tuple[bool, bool]:
        """Whether the installation has failed, and whether it has been cancelled."""
        late = share >= 0.8
        failed = story == "failed" and share >= 0.6 and not (late and self.does("failure-forgotten"))
        cancelled = story == "cancelled" and share >= 0.5 and not (late and self.does("cancellation-forgotten"))
        return failed, cancelled

    def _code(self, failed: bool, share: float) -> str | None:
        if not failed:
            return "" if self.does("error-code-empty") else None
        if share >= 0.8 and self.does("error-code-cleared"):
            return None
        return "disk_full" if self.does("error-code-unlisted") else "general-error"

    def _status(self, at: float, failed: bool, cancelled: bool, done: int) -> str:
        status = "error" if failed else "standby" if at < 0.1 else "completed" if done == len(NODES) else "in_progress"
        if cancelled and self.does("status-cancelled"):
            status = "cancelled"
        if done == len(NODES) - 1 and not failed and self.does("completed-too-early"):
            status = "completed"
        return status.upper() if self.does("status-in-upper-case") else status

    def _total(self, at: float, true: list[int]) -> Any:
        total = min(true)  # as far as the slowest node, which the page's sample allows
        if self.does("total-with-decimals"):
            return sum(true) / len(true)
        if self.does("total-over-100") and total == 100:
            return 101
        if self.does("total-goes-back") and 0.7 <= at < 0.95:
            return total // 3
        return f"{total}%" if self.does("total-as-text") else total

    def _node(self, index: int, at: float, failed: bool) -> dict[str, Any]:
        name, guid, kind, _, _ = NODES[index]
        percent: float = _percent(index, at)
        if self.does("node-goes-back") and kind == "data" and 0.6 <= at < 0.8:
            percent = percent // 3
        node: dict[str, Any] = {
            "node_guid": guid.replace("8a1b", "9c2d") if self.does("node-guid-changes") and at >= 0.5 else guid,
            "node_name": name,
            "error_code": "disk-space-error" if failed and kind == "data" else None,
            "node_type": None if self.does("node-type-null") and kind == "collector" else kind,
            "node_progress": percent / 100 if self.does("node-as-fraction") else percent,
        }
        if node["error_code"] is None and self.does("node-error-left-out"):
            del node["error_code"]
        return node

    def _nodes(self, nodes: list[dict[str, Any]], true: list[int]) -> Any:
        if self.does("done-nodes-left-out"):
            return [node for node, percent in zip(nodes, true, strict=True) if percent < 100]
        return {node.pop("node_guid"): node for node in nodes} if self.does("nodes-by-guid") else nodes


def _percent(index: int, at: float) -> int:
    """How far a node is when the share `at` of the time has passed."""
    begin, end = NODES[index][3:]
    return int(100 * min(max((at - begin) / (end - begin), 0.0), 1.0))
