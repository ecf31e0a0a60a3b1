"""One of the vendors' public clients as a command that `pollspec grade` can grade: python graded.py CLIENT

What polls by itself does so; around the others stands the plainest loop, whose errors are "not known" (exit code 75).
Where a client takes a time limit for a request, it is given what is left.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

SUCCEEDED, FAILED, NOT_KNOWN = 0, 1, 75
URL, INTERVAL = os.environ["POLLSPEC_URL"], float(os.environ["POLLSPEC_INTERVAL"])
UNTIL = time.monotonic() + float(os.environ["POLLSPEC_DEADLINE"])


def told(name: str) -> str:
    """What the environment tells."""
    return os.environ[f"POLLSPEC_{name}"]


def left() -> float:
    """Seconds before the deadline."""
    return max(0.01, UNTIL - time.monotonic())


def loop(ask: Callable[[], str], done: str, *failed: str) -> int:
    """The plainest loop: ask for the state until it is one of the last ones."""
    while left() > INTERVAL:
        state = ask()
        if state == done or state in failed:
            return SUCCEEDED if state == done else FAILED
        time.sleep(INTERVAL)
    return NOT_KNOWN


def keycardai_api() -> int:
    """keycardai-api has no poller; at the end its answer is what the redirect leads to, which has no status."""
    import keycardai_api

    with keycardai_api.KeycardAPI(base_url=URL, api_key=told("HEADER_AUTHORIZATION").split()[1]) as client:

        def ask() -> str:
            task = client.zones.catalog_tasks.retrieve(
                told("PATH_TASK_ID"), zone_id=told("PATH_ZONE_ID"), timeout=left()
            )
            return str(getattr(task, "status", None) or "completed")

        return loop(ask, "completed", "failed")


def netapp_ontap() -> int:
    """netapp-ontap polls by itself: after a start, and at a job's link; it says success by giving a response."""
    from netapp_ontap import HostConnection
    from netapp_ontap.resources import SoftwarePackageDownload
    from netapp_ontap.utils import watch_job

    user, _, password = base64.b64decode(told("HEADER_AUTHORIZATION").split()[1]).decode().partition(":")
    port, seconds = urllib.parse.urlsplit(URL).port, max(1, int(left()))
    options: dict[str, Any] = {"scheme": "http", "port": port, "protocol_timeouts": (seconds, seconds)}
    polls: Any = {"poll_interval": INTERVAL, "poll_timeout": seconds}
    with HostConnection("127.0.0.1", username=user, password=password, **options, **polls) as connection:
        if told("DO") == "start":
            answer = SoftwarePackageDownload(**json.loads(told("BODY"))).post(hydrate=False)
        else:
            answer = watch_job(f"/api/cluster/jobs/{told('PATH_UUID')}", connection)
        return FAILED if answer.is_err else SUCCEEDED


def qradar4py() -> int:
    """qradar4py has no poller; it gives the status code and the JSON."""
    from qradar4py.api import QRadarApi

    client = QRadarApi(f"{URL}/", told("HEADER_SEC"), version="16.0", verify=False).guiappframework

    def ask() -> str:
        status, body = client.get_application_creation_task_by_application_id(
            int(told("PATH_APPLICATION_ID")), timeout=left()
        )
        if status != 200:
            raise ValueError(f"status {status}")
        return str(body["status"])

    return loop(ask, "COMPLETED", "CANCELLED", "ERROR")


def rocketchat_api() -> int:
    """rocketchat_API has no poller; it raises for what is no success."""
    from rocketchat_API.rocketchat import RocketChat

    user, token = told("HEADER_X_USER_ID"), told("HEADER_X_AUTH_TOKEN")
    client = RocketChat(user_id=user, auth_token=token, server_url=URL)

    def ask() -> str:
        client.timeout = left()
        return str(client.call_api_get("getImportProgress")["step"])

    return loop(ask, "importer_done", "importer_import_failed", "importer_import_cancelled")


CLIENTS = {client.__name__: client for client in (keycardai_api, netapp_ontap, qradar4py, rocketchat_api)}

if __name__ == "__main__":
    try:
        code = CLIENTS[sys.argv[1]]()
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        code = NOT_KNOWN
    raise SystemExit(code)
