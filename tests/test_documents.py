"""The documents: valid, complete, graded, and believing what the pages say."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from pollspec import spec
from pollspec.document.keywords import GRADES
from pollspec.document.lint import problems
from pollspec.document.listing import as_data
from pollspec.document.vendor import Vendor
from tests.conftest import SIXTH, view

OPERATIONS = {
    "ibm_qradar": ["GET /api/gui_app_framework/application_creation_task/{application_id}"],
    "keycard": ["GET /zones/{zone_id}/catalog_tasks/{task_id}"],
    "logpresso_sonar": ["GET /api/sonar/apps/install-progress"],
    "netapp_ontap": [
        "GET /api/cluster/software/download",
        "POST /api/cluster/software/download",
        "GET /api/cluster/jobs/{uuid}",
    ],
    "rocket_chat": ["GET /api/v1/getImportProgress"],
}

BELIEVED = """
logpresso_sonar/getInstallProgress
  source   answers/session-exists                  the session exists: install_progress is there
  source   answers/no-session                      it does not: 200 without it
  source   refuses/no-token                        a token missing
  source   refuses/no-guid                         empty, of the wrong length, with characters that no GUID has
  source   refuses/no-permission                   no permission gets the printed 500 body
  source   schema/InstallProgress.total_progress   total progress is an integer from 0 to 100
  source   schema/NodeProgress.node_progress       node progress too
  source   schema/InstallProgress.error_code       present and nullable, overall; the six codes
  source   schema/NodeProgress.error_code          present and nullable, per node
  source   only-when/no-overall-error              overall null while under way, not cancelled, no node in error
  source   schema/InstallProgress.is_cancelled     a boolean
  source   schema/NodeProgress.node_type           node types open
  implied  at-most/nodes                           completed_node <= total_node
  implied  counts/nodes-listed                     no more nodes listed than total_node
  source   counts/nodes-unfinished                 completed_node never counts a listed node below 100
  implied  at-most/all-nodes                       completed means all nodes completed
  implied  only-when/completed-means-all           and 100
  implied  never-decreases/progress                progress does not go back before an error or a cancellation
  implied  never-decreases/completed-nodes         nor does the completed count
  implied  lifecycle/ends                          a finished install does not run again
  implied  never-changes/node                      a node keeps name and type
  implied  never-changes/node-guid                 and guid
  implied  refuses/no-credential                   no progress is shown without a credential
ibm_qradar/getApplicationCreationTask
  source   response/200                            MIME type
  source   schema/ApplicationCreationTask.application_id   an integer
  source   echoes/application-id                   that repeats the path
  source   schema/ApplicationCreationTask.status   statuses of both lists accepted
  source   only-when/error-has-a-reason            ERROR comes with its reason in error_messages
  source   schema/ApplicationCreationTask.error_messages   which may be null, empty or absent otherwise
  source   schema/ApplicationCreationTask.error_messages_json   the items' shape
  source   schema/ErrorMessage.code
  source   schema/ErrorMessage.message
  source   schema/ErrorMessage.source
  source   answers/unknown                         404 with 1002
  source   answers/framework-disabled              409 with 33700
  source   answers/code-of-409
  source   answers/code-of-500                     500 with 1020
  source   answers/request-fails
  source   selects/only-named                      fields excludes what is not named
  source   selects/all-named                       a named field that the full answer has is there
  implied  refuses/no-integer                      an identifier that is no integer never succeeds
  implied  lifecycle/ends                          an end directly followed by CREATING
rocket_chat/getImportProgress
  source   refuses/no-credential                   both headers required
  source   refuses/no-user-id                      each alone is not enough
  source   refuses/no-token
  source   refuses/wrong-token                     a wrong token gets no progress
  source   refuses/no-permission                   nor does a user without run-import; the printed error
  source   schema/ImportProgress.success           success true in progress
  source   schema/Error.success                    false in errors
  source   refuses/says-so
  source   status/success                          success is 200
  implied  refuses/status                          refusals are not 2xx
  implied  refuses/status-of-half-a-credential
  implied  refuses/status-of-a-wrong-token
  implied  refuses/no-permission-status
  source   schema/Count.completed                  integers >= 0
  source   schema/Count.total
  implied  at-most/completed                       completed <= total
  implied  never-changes/import                    along one import key and name stay
  implied  never-decreases/completed               and completed does not fall
keycard/getTask
  source   status/success                          200 shows pending, running or failed
  source   schema/Task.status
  source   only-when/never-completed               and never completed
  source   lifecycle/redirects                     a completed task answers 303
  source   header/303.Location                     with a Location
  observed answers/install                         to the install
  source   schema/Task.id                          required and optional fields, formats
  source   schema/Task.created_at
  source   schema/Task.operation
  source   schema/Task.updated_at
  source   schema/Task.error_message
  source   schema/Task.install_id
  source   schema/Task.package_id
  source   schema/Task.package_slug
  source   schema/Task.package_version
  source   schema/Task.warnings
  source   schema/Warning.code                     the nine codes in warnings
  source   schema/WarningDetail.code               and their details
  source   schema/WarningDetail.field
  source   schema/WarningDetail.message
  source   schema/Warning.message
  source   schema/Warning.path
  source   schema/Warning.request_id
  source   schema/Warning.status
  source   schema/Warning.timestamp
  source   schema/Task.links                       as in the sample
  source   schema/Link.href
  source   schema/Link.rel
  source   schema/Link.properties
  source   schema/Link.titles
  source   schema/Link.type
  implied  echoes/id                               id repeats the path
  implied  never-changes/identity                  created_at, operation, id stay along a trace
  implied  never-changes/package                   and known package fields
  implied  at-most/dates                           created_at <= updated_at
  implied  never-decreases/updated-at              which does not go back
  implied  lifecycle/fails                         a failed task is not left
  implied  lifecycle/completes                     nor a completed one
  source   answers/request-id                      a valid X-Client-Request-ID is accepted
  implied  refuses/other-zone                      a task is not shown under another zone
netapp_ontap/startDownload
  source   schema/StartedJob.job                   the POST answers a job
  source   schema/JobReference.uuid                with uuid
  source   schema/JobReference._links              and a HAL link
  source   echoes/link-to-the-job                  to exactly that job
  source   hands-over/job                          which can be found at once
  implied  hands-over/description                  the job's description names the POST
  source   answers/plain-json                      application/json accepted; username and password optional
  source   answers/hal-json                        application/hal+json accepted; return_timeout=0 accepted
  implied  refuses/no-url                          a body without url starts nothing
  implied  keeps-secret/password                   the password never comes back in any answer
  implied  hands-over/before-the-end               the answer does not wait for the end
netapp_ontap/getJob
  source   schema/Job.state                        the job has a state
  source   schema/Job.message                      and a message
  source   answers/link-on-request                 and with Accept: application/hal+json its self link
  source   echoes/uuid                             uuid and link repeat the path
  source   echoes/self-link
  source   lifecycle/succeeds                      success is the state at the end
  source   only-when/success-in-words              and the message then says so
  implied  only-when/success-code                  and code 0
  implied  lifecycle/ends                          a finished job does not run again
netapp_ontap/getDownload
  source   schema/Download.state                   the download's state
  source   schema/Download.message                 message
  source   schema/Download.code                    integer code
  source   only-when/running-in-words
  source   answers/link-on-request                 and self link
  source   echoes/self-link
  implied  agrees/at-the-end                       download and job agree once the job has ended
"""


def believed() -> list[tuple[str, str]]:
    """The table above: the id of a belief, and its grade."""
    rows, operation = [], ""
    for line in BELIEVED.strip().splitlines():
        if line.startswith(" "):
            grade, name = line.split()[:2]
            rows.append((f"{operation}/{name}", grade))
        else:
            operation = line
    return rows


@pytest.mark.parametrize(("belief_id", "grade"), believed(), ids=[name for name, _ in believed()])
def test_believes_what_the_page_says(belief_id: str, grade: str) -> None:
    """What a page says is believed, and rests on what it rests on."""
    grades = {belief.id: belief.grade for belief in view(belief_id.split("/")[0]).beliefs}
    assert grades[belief_id] == grade


def test_five_vendors() -> None:
    """There are five, and each is listed here with its operations."""
    assert spec.names() == sorted(OPERATIONS)


def test_operations(vendor: Vendor) -> None:
    """Each document has the operations that its page documents, and no other."""
    paths = [f"{o.method} {vendor.base_path}{o.path}" for o in vendor.operations.values()]
    assert sorted(paths) == sorted(OPERATIONS[vendor.slug])


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_valid_openapi(name: str) -> None:
    """openapi-spec-validator finds nothing in any document."""
    assert [str(error) for error in OpenAPIV31SpecValidator(view(name).document.content).iter_errors()] == []


@pytest.mark.parametrize("name", [*spec.names(), SIXTH])
def test_lint(name: str) -> None:
    """`pollspec lint` finds nothing in any document."""
    assert problems(name) == []


def test_each_belief_rests_on_something(vendor: Vendor) -> None:
    """A belief has one grade, words that say why, a claim that is a sentence, and the line where it stands."""
    for belief in vendor.beliefs:
        assert belief.grade in GRADES, belief.id
        assert belief.words.strip(), belief.id
        assert re.fullmatch(rf"spec/{vendor.slug}\.yaml:[0-9]+", belief.where), belief.id
        if belief.says:
            assert re.match(r"[A-Z].*\.$", belief.claim), belief.id


def test_ids_are_unique(vendor: Vendor) -> None:
    """No two beliefs share an id."""
    ids = [belief.id for belief in vendor.beliefs]
    assert len(ids) == len(set(ids))


def test_each_named_sample_is_a_belief(vendor: Vendor) -> None:
    """Every example of a response is a belief of its own, also where two responses give theirs one name."""
    for operation in vendor.operations.values():
        named = {f"{response.id}.{name}" for response in operation.responses for name in response.examples}
        assert named == {b.name for b in vendor.beliefs if b.operation == operation.id and b.keyword == "sample"}


def test_each_example_is_used(vendor: Vendor) -> None:
    """No example stands in a document for nothing."""
    text = json.dumps(vendor.document.content)
    assert [name for name in vendor.components["examples"] if f'"#/components/examples/{name}"' not in text] == []


def test_page(vendor: Vendor) -> None:
    """A document names its page: title, day of reading, digest, and the product's versions; and its own version."""
    info = vendor.document.content["info"]
    page = info["x-page"]
    assert page["title"]
    assert page["versions"]
    assert datetime.date.fromisoformat(page["read"])
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", page["digest"])
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", info["version"])


@pytest.mark.parametrize(
    ("vendor_name", "words"),
    [
        ("ibm_qradar", "ten values"),
        ("keycard", "completed can never be seen in a 200"),
        ("logpresso_sonar", "whose mean is 75"),
        ("netapp_ontap", "_links"),
        ("rocket_chat", "no status code"),
        ("netapp_ontap", "no status code"),
    ],
)
def test_oddities(vendor_name: str, words: str) -> None:
    """A contradiction inside a page is recorded, and listed by `pollspec beliefs`."""
    (listed,) = as_data([vendor_name])
    assert any(words in oddity["but"] for oddity in listed["oddities"])


def test_schemas_are_open(vendor: Vendor) -> None:
    """No document forbids a field that its page does not name."""
    assert '"additionalProperties": false' not in json.dumps(vendor.document.content.get("components"))
    assert '"unevaluatedProperties": false' not in json.dumps(vendor.document.content.get("components"))


def test_descriptions(vendor: Vendor) -> None:
    """Every named schema and every property has a description of one sentence or less."""
    for name, schema in vendor.components["schemas"].items():
        described = {name: schema, **{f"{name}.{p}": inner for p, inner in schema.get("properties", {}).items()}}
        for place, node in described.items():
            assert node.get("description"), place
            assert len(re.findall(r"\.\s", node["description"])) == 0, place


def keys(node: Any) -> Iterator[str]:
    """Every name of an entry, however deep."""
    if isinstance(node, dict):
        yield from node
        node = list(node.values())
    for value in node if isinstance(node, list) else ():
        yield from keys(value)


def test_the_sixth_uses_every_word(sixth: Vendor) -> None:
    """The sixth document uses every word that the grammar of x-contract has; what moves is batch's."""
    grammar = json.loads((spec.FOLDER / "contract.schema.json").read_text(encoding="utf-8"))
    words: set[str] = set()
    for node in grammar["$defs"].values():
        words |= {name for found in nodes(node) for name in found.get("properties", {})}
    documents = [sixth, view(SIXTH.replace("sixth", "batch"))]
    operations = [o.node.get("x-contract", {}) for vendor in documents for o in vendor.operations.values()]
    assert words - set(keys([sixth.contract, *operations])) == set()


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of some data."""
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(value)
