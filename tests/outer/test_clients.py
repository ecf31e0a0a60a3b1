"""The vendors' public clients, as they are, and the pages' own curl lines, against `pollspec mock`.

Each sees a whole lifecycle, a failure and a refusal, as a user's program would.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keycardai_api
import pytest
from netapp_ontap import HostConnection, NetAppRestError
from netapp_ontap.resources import Job, SoftwarePackageDownload
from qradar4py.api import QRadarApi
from rocketchat_API.APIExceptions.RocketExceptions import RocketApiException
from rocketchat_API.rocketchat import RocketChat

HERE = pathlib.Path(__file__).parent


@dataclass
class Served:
    """A polite server as `pollspec mock --json` says it: its address, its test cards, its credentials."""

    url: str
    subjects: dict[str, dict[str, Any]]
    credentials: dict[str, dict[str, str]]

    def card(self, subject: str, name: str) -> Any:
        """What a test card gives."""
        return self.subjects[subject]["given"][name]

    @property
    def login(self) -> dict[str, str]:
        """The headers of who may."""
        return self.credentials["default"]


@contextlib.contextmanager
def mock(vendor: str, polls: int) -> Iterator[Served]:
    """`pollspec mock`, where an operation takes so many polls."""
    command = [sys.executable, "-m", "pollspec", "mock", vendor, "--json", "--polls", str(polls)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "}\n")
        said = json.loads("".join(lines) + "}")
        try:
            yield Served(said["url"], said["subjects"], said["credentials"])
        finally:
            server.terminate()


def node(script: str, **environment: str) -> list[Any]:
    """What a script for Node.js prints, line by line. The clients stand where NODE_PATH says."""
    command = ["node", str(HERE / "clients" / script)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **environment})
    return [json.loads(line) for line in done.stdout.splitlines()]


def curl(printed: str, *replaced: tuple[str, str]) -> tuple[int, Any]:
    """What a curl line gives, once what the page leaves to its reader is put in: the status, and the JSON."""
    for placeholder, value in replaced:
        assert placeholder in printed
        printed = printed.replace(placeholder, value)
    command = ["sh", "-c", printed + r" --silent --show-error --write-out '\n%{http_code}'"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body) if body else None


def test_qradar4py() -> None:
    """An install completes, with its fields projected; another fails and says why; an unknown one is a 404."""
    with mock("ibm_qradar", polls=4) as served:

        def client(token: str) -> Any:
            found = QRadarApi(f"{served.url}/", token, version="16.0", verify=False).guiappframework
            return found.get_application_creation_task_by_application_id

        ask = client(served.login["SEC"])
        seen = [ask(served.card("finished", "application_id"), fields="status") for _ in range(5)]
        assert (seen[0], seen[-1]) == ((200, {"status": "CREATING"}), (200, {"status": "COMPLETED"}))
        status, body = [ask(served.card("failed", "application_id")) for _ in range(5)][-1]
        assert (status, body["status"], bool(body["error_messages"])) == (200, "ERROR", True)
        status, body = ask(served.card("unknown", "application_id"))
        assert (status, body["code"]) == (404, 1002)
        assert client("wrong")(1001)[0] == 401


def test_rocketchat_api() -> None:
    """An import is done; another fails; who may not is told so."""
    with mock("rocket_chat", polls=5) as served:

        def ask(user: str, token: str, times: int) -> Any:
            client = RocketChat(user_id=user, auth_token=token, server_url=served.url)
            return [client.call_api_get("getImportProgress") for _ in range(times)]

        user, token = served.login["X-User-Id"], served.login["X-Auth-Token"]
        seen = ask(user, token, 6)
        assert (seen[0]["step"], seen[-1]["step"]) == ("importer_new", "importer_done")
        assert seen[-1]["count"] == {"completed": 100, "total": 100}
        assert ask(served.card("failed", "X-User-Id"), token, 6)[-1]["step"] == "importer_import_failed"
        with pytest.raises(RocketApiException, match="unauthorized"):
            ask(user, "wrong", 1)


def test_rocket_chat_api_client() -> None:
    """The same for the client for Node.js."""
    with mock("rocket_chat", polls=5) as served:

        def ask(user: str, token: str, times: int) -> list[Any]:
            return node("rocket_chat.cjs", URL=served.url, USER=user, TOKEN=token, N=str(times))

        user, token = served.login["X-User-Id"], served.login["X-Auth-Token"]
        seen = ask(user, token, 6)
        assert (seen[0]["step"], seen[-1]["step"]) == ("importer_new", "importer_done")
        assert ask(served.card("failed", "X-User-Id"), token, 6)[-1]["step"] == "importer_import_failed"
        assert ask(user, "wrong", 1) == [{"status": 401, "body": {"success": False, "error": "unauthorized"}}]


def test_keycardai_api() -> None:
    """A task is pending, runs, and leads to its install, to which the client goes; another fails; one never was."""
    with mock("keycard", polls=4) as served, keycardai_api.KeycardAPI(base_url=served.url, max_retries=0) as client:

        def ask(subject: str) -> Any:
            task, zone = served.card(subject, "task_id"), served.card(subject, "zone_id")
            return client.zones.catalog_tasks.retrieve(task, zone_id=zone)

        seen = [ask("finished") for _ in range(5)]
        assert [task.status for task in seen[:4]] == ["pending", "pending", "running", "running"]
        assert seen[-1].status == "active"  # an install is: the client reads it as a task
        failed = [ask("failed") for _ in range(5)][-1]
        assert (failed.status, failed.error_message) == ("failed", "the package cannot be installed")
        with pytest.raises(keycardai_api.NotFoundError):
            ask("unknown")


def test_netapp_ontap() -> None:
    """A download is started, polled at its job's link to the end, and shown; another fails; who may not is told so."""
    with mock("netapp_ontap", polls=3) as served:
        user, _, password = base64.b64decode(served.login["Authorization"].split()[1]).decode().partition(":")
        port = urllib.parse.urlsplit(served.url).port
        options = {"scheme": "http", "port": port, "poll_interval": 0.01, "poll_timeout": 20}
        with HostConnection("127.0.0.1", username=user, password=password, **options):
            package = SoftwarePackageDownload(url="http://server/package")
            assert not package.post().is_err
            package.get()
            assert package.state == "success"
            failing = next(iter(served.subjects["failed"]["starts_with"].values()))
            with pytest.raises(NetAppRestError, match="Download failed"):
                SoftwarePackageDownload(url=failing).post()
            with pytest.raises(NetAppRestError) as missing:
                Job(uuid=served.card("unknown", "uuid")).get()
            assert missing.value.status_code == 404
        with HostConnection("127.0.0.1", username=user, password="wrong", **options):
            with pytest.raises(NetAppRestError) as refused:
                SoftwarePackageDownload().get()
            assert refused.value.status_code == 401


def test_the_curl_line_for_an_install() -> None:
    """Sonar's: an install completes, another fails, and a guest is told that he may not."""
    printed = """curl -H "Authorization: Bearer <API_KEY>" \\
     "https://HOSTNAME/api/sonar/apps/install-progress?token=a1b2c3d4-e5f6-7890-abcd-ef1234567890\""""
    with mock("logpresso_sonar", polls=4) as served:

        def ask(subject: str, credential: str = "default") -> tuple[int, Any]:
            key = served.credentials[credential]["Authorization"].removeprefix("Bearer ")
            token = served.card(subject, "token")
            told = ("https://HOSTNAME", served.url), ("<API_KEY>", key), ("a1b2c3d4-e5f6-7890-abcd-ef1234567890", token)
            return curl(printed, *told)

        seen = [ask("finished")[1]["install_progress"] for _ in range(5)]
        assert (seen[0]["status"], seen[-1]["status"], seen[-1]["total_progress"]) == ("standby", "completed", 100)
        assert [ask("failed")[1]["install_progress"] for _ in range(5)][-1]["error_code"] == "disk-space-error"
        assert ask("finished", "unprivileged") == (500, {"error_code": "illegal-state", "error_msg": "no-permission"})


def test_the_curl_line_for_an_import() -> None:
    """Rocket.Chat's: an import is done, another fails, and a wrong token is told so."""
    printed = """curl -L -X GET 'http://localhost:3000/api/v1/getImportProgress' \\
-H 'X-User-Id: d26x6zSkaPSe5gCyy' \\
-H 'X-Auth-Token: Zu-Z6eKzIIz7MCCRGeHi29bYkXZCJ4SxFC0JAasqm92'"""
    with mock("rocket_chat", polls=4) as served:

        def ask(user: str, token: str = served.login["X-Auth-Token"]) -> tuple[int, Any]:
            told = ("http://localhost:3000", served.url), ("d26x6zSkaPSe5gCyy", user)
            return curl(printed, *told, ("Zu-Z6eKzIIz7MCCRGeHi29bYkXZCJ4SxFC0JAasqm92", token))

        user = served.login["X-User-Id"]
        assert [ask(user)[1]["step"] for _ in range(5)][-1] == "importer_done"
        assert [ask(served.card("failed", "X-User-Id"))[1]["step"] for _ in range(5)][-1] == "importer_import_failed"
        assert ask(user, "wrong") == (401, {"success": False, "error": "unauthorized"})


def test_the_curl_line_for_a_task() -> None:
    """Keycard's: a task completes with a redirect, another fails, and one never was."""
    printed = "curl https://zones/$ZONE_ID/catalog_tasks/$TASK_ID"
    with mock("keycard", polls=4) as served:

        def ask(subject: str) -> tuple[int, Any]:
            zone, task = served.card(subject, "zone_id"), served.card(subject, "task_id")
            return curl(printed, ("https://", f"{served.url}/"), ("$ZONE_ID", zone), ("$TASK_ID", task))

        assert [ask("finished")[0] for _ in range(5)] == [200, 200, 200, 200, 303]
        assert [ask("failed")[1]["status"] for _ in range(5)][-1] == "failed"
        assert ask("unknown")[0] == 404


def test_the_curl_lines_for_a_download() -> None:
    """ONTAP's, with the login that they leave out: a download succeeds, another fails; no login, no download."""
    start = (
        'curl -X POST "https://<mgmt-ip>/api/cluster/software/download?return_timeout=0" -H "accept: application/json"'
        ' -H "Content-Type: application/hal+json" -d'
        """ '{ "url": "http://server/package", "username": "admin", "password": "*********"}'"""
    )
    uuid = "f587d316-5feb-11e8-b0e0-005056956dfc"
    job = f'curl -X GET "https://<mgmt-ip>/api/cluster/jobs/{uuid}" -H "accept: application/hal+json"'
    latest = 'curl -X GET "https://<mgmt-ip>/api/cluster/software/download" -H "accept: application/hal+json"'
    with mock("netapp_ontap", polls=4) as served:
        where = ("https://<mgmt-ip>", served.url)
        login = where, ("curl", f"curl -H 'Authorization: {served.login['Authorization']}'")

        def follow(*package: tuple[str, str]) -> Any:
            status, started = curl(start, *login, *package)
            assert status == 202
            return [curl(job, *login, (uuid, started["job"]["uuid"]))[1]["state"] for _ in range(5)]

        assert follow() == ["queued", "running", "paused", "running", "success"]
        assert curl(latest, *login)[1]["state"] == "success"
        failing = next(iter(served.subjects["failed"]["starts_with"].values()))
        assert follow(("http://server/package", failing))[-1] == "failure"
        assert curl(latest, *login)[1]["message"] == "Package download failed"
        assert curl(latest, where)[0] == 401
