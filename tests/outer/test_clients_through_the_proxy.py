"""The vendors' own clients get through the proxy what they expect, and the polite server keeps every belief on it."""

from __future__ import annotations

import base64
import contextlib
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from typing import Any

import keycardai_api
import pytest
from netapp_ontap import HostConnection, NetAppRestError
from netapp_ontap.resources import Job, SoftwarePackageDownload
from qradar4py.api import QRadarApi
from rocketchat_API.rocketchat import RocketChat

from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from pollspec.doors.proxy.proxy import Proxy
from pollspec.judge.verdict import Outcome
from pollspec.servers.polite import Mock
from tests.recordings import Remembering
from tests.serving import served


@contextlib.contextmanager
def through(name: str, polls: int) -> Iterator[tuple[Vendor, str, Remembering]]:
    """A proxy before a polite server, where an operation takes so many polls; at the end every belief is kept."""
    vendor = load(name)
    with served(Mock(vendor, polls=polls)) as upstream:
        recording = Remembering(vendor, upstream)
        with served(Proxy(recording, upstream)) as url:
            yield vendor, url, recording
    found = recording.verdicts().values()
    assert [verdict.belief.id for verdict in found if verdict.findings] == []
    assert Counter(verdict.outcome for verdict in found)[Outcome.KEPT] >= 10


def given(vendor: Vendor, subject: str, place: str) -> Any:
    """A test card's value."""
    return vendor.subjects[subject].given[f"$request.{place}"]


def header(vendor: Vendor, name: str, credential: str = "default") -> str:
    """A test credential's header."""
    return vendor.credentials[credential][f"$request.header.{name}"]


def test_qradar4py_sees_an_install_complete() -> None:
    """Fields are projected, an unknown application is a 404 with its code."""
    with through("ibm_qradar", polls=4) as (vendor, url, recording):
        client = QRadarApi(f"{url}/", header(vendor, "SEC"), version="16.0", verify=False).guiappframework
        ask = client.get_application_creation_task_by_application_id
        number = given(vendor, "finished", "path.application_id")
        seen = [ask(number, fields="status") for _ in range(5)]
        assert seen[0] == (200, {"status": "CREATING"})
        assert seen[-1] == (200, {"status": "COMPLETED"})
        status, body = ask(given(vendor, "unknown", "path.application_id"))
        assert (status, body["code"]) == (404, 1002)
    assert len(recording.exchanges) == 6


def test_rocketchat_api_sees_an_import_complete() -> None:
    """Every poll of an import, from its beginning to its end."""
    with through("rocket_chat", polls=5) as (vendor, url, recording):
        user, token = header(vendor, "X-User-Id"), header(vendor, "X-Auth-Token")
        client = RocketChat(user_id=user, auth_token=token, server_url=url)
        seen = [client.call_api_get("getImportProgress") for _ in range(6)]
    assert seen[0]["step"] == "importer_new"
    assert (seen[-1]["step"], seen[-1]["count"]) == ("importer_done", {"completed": 100, "total": 100})
    assert len(recording.exchanges) == 6


def test_keycardai_api_sees_a_task_until_its_redirect() -> None:
    """Answers satisfy the client's own strict models; the redirect reaches it with its Location."""
    with through("keycard", polls=4) as (vendor, url, recording):
        task, zone = given(vendor, "finished", "path.task_id"), given(vendor, "finished", "path.zone_id")
        plain = keycardai_api.DefaultHttpxClient(follow_redirects=False)
        with keycardai_api.KeycardAPI(
            base_url=url, max_retries=0, http_client=plain, _strict_response_validation=True
        ) as client:
            seen = [client.zones.catalog_tasks.retrieve(task, zone_id=zone).status for _ in range(3)]
            assert (seen[0], seen[-1]) == ("pending", "running")
            with pytest.raises(keycardai_api.APIStatusError) as redirected:
                for _ in range(3):
                    client.zones.catalog_tasks.retrieve(task, zone_id=zone)
    assert redirected.value.status_code == 303
    assert redirected.value.response.headers["location"].startswith(f"/zones/{zone}/installs/")
    assert recording.exchanges[-1].answer and recording.exchanges[-1].answer.status == 303


def test_netapp_ontap_starts_a_download_and_waits_for_it() -> None:
    """The client posts, polls the job's link to its end, and sees the latest download; an unknown job is its error."""
    with through("netapp_ontap", polls=3) as (vendor, url, recording):
        user, _, password = base64.b64decode(header(vendor, "Authorization").split()[1]).decode().partition(":")
        port = urllib.parse.urlsplit(url).port
        options = {"scheme": "http", "port": port, "poll_interval": 0.01, "poll_timeout": 20}
        with HostConnection("127.0.0.1", username=user, password=password, **options):
            package = SoftwarePackageDownload(
                url="http://server/package", username="me", password="swordfish-swordfish"
            )
            assert not package.post().is_err
            package.get()
            assert package.state == "success"
            with pytest.raises(NetAppRestError) as refused:
                Job(uuid=given(vendor, "unknown", "path.uuid")).get()
            assert refused.value.status_code == 404
    asked = Counter(exchange.operation for exchange in recording.exchanges)
    assert asked["startDownload"] == 1 and asked["getDownload"] == 1 and asked["getJob"] >= 3
