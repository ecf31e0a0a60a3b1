"""What a hand-written client knows of each vendor's API: addresses, headers, states. Nothing of pollspec."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Environment = Mapping[str, str]
SUCCEEDED, FAILED, NOT_KNOWN = 0, 1, 75
"""Exit codes."""


@dataclass(frozen=True)
class Talk:
    """One vendor's API. `path`: with the names of variables in braces; `state`: the names on the way to the state.

    `fields`: what an answer holds; `minted`: the names on the way to what a start hands out, and its variable.
    """

    path: str
    state: tuple[str, ...]
    done: tuple[str, ...]
    failed: tuple[str, ...]
    headers: Mapping[str, str]
    fields: tuple[str, ...] = ()
    redirect: int = 0
    start: str = ""
    minted: tuple[str, ...] = ()
    names: str = ""

    def target(self, told: Environment) -> str:
        """The path to ask for, encoded."""
        return self.path.format_map({name: urllib.parse.quote(value, safe="") for name, value in told.items()})

    def signed(self, told: Environment) -> dict[str, str]:
        """The headers of each request."""
        return {name: told[variable] for name, variable in self.headers.items() if variable in told}

    def outcome(self, status: int, body: Any) -> int | None:
        """What an answer tells: an exit code, or None where it goes on."""
        if status in {429, 502, 503, 504}:
            return None
        if self.redirect and status == self.redirect:
            return SUCCEEDED
        if not 200 <= status < 300:
            return NOT_KNOWN
        state = inside(body, self.state)
        if inside(body, (*self.state[:-1], "is_cancelled")) is True or state in self.failed:
            return FAILED
        if state in self.done:
            return SUCCEEDED
        return NOT_KNOWN if state is None else None


def inside(body: Any, way: tuple[str, ...]) -> Any:
    """What stands at the end of a way through objects; None where nothing does."""
    for name in way:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def read(content: bytes) -> Any:
    """A body, if it is JSON."""
    try:
        return json.loads(content)
    except ValueError:
        return None


BEARER = {"Authorization": "POLLSPEC_HEADER_AUTHORIZATION"}

TALK = {
    "ibm_qradar": Talk(
        "/api/gui_app_framework/application_creation_task/{POLLSPEC_PATH_APPLICATION_ID}",
        ("status",),
        ("COMPLETED",),
        ("CANCELLED", "ERROR"),
        {"SEC": "POLLSPEC_HEADER_SEC"},
        ("application_id", "status", "error_messages", "error_messages_json"),
    ),
    "keycard": Talk(
        "/zones/{POLLSPEC_PATH_ZONE_ID}/catalog_tasks/{POLLSPEC_PATH_TASK_ID}",
        ("status",),
        (),
        ("failed",),
        BEARER,
        ("id", "created_at", "operation", "status", "updated_at", "links", "package_id"),
        redirect=303,
    ),
    "logpresso_sonar": Talk(
        "/api/sonar/apps/install-progress?token={POLLSPEC_QUERY_TOKEN}",
        ("install_progress", "status"),
        ("completed",),
        ("error",),
        BEARER,
        ("install_progress",),
    ),
    "netapp_ontap": Talk(
        "/api/cluster/jobs/{POLLSPEC_PATH_UUID}",
        ("state",),
        ("success",),
        ("failure",),
        BEARER,
        ("state", "message", "uuid", "description"),
        start="/api/cluster/software/download",
        minted=("job", "uuid"),
        names="POLLSPEC_PATH_UUID",
    ),
    "rocket_chat": Talk(
        "/api/v1/getImportProgress",
        ("step",),
        ("importer_done",),
        ("importer_import_failed", "importer_import_cancelled"),
        {"X-User-Id": "POLLSPEC_HEADER_X_USER_ID", "X-Auth-Token": "POLLSPEC_HEADER_X_AUTH_TOKEN"},
        ("key", "name", "step", "count", "success"),
    ),
}
