"""Whom an identifier plays: test cards of the document, chosen ones, and whatever nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from pollspec.cli import main
from pollspec.document.messages import Answer
from pollspec.errors import UsageError
from pollspec.servers.casting import with_cards
from pollspec.servers.polite import Mock
from pollspec.servers.testcards import table
from tests.conftest import view

GUID = "11111111-2222-3333-4444-555555555555"


def task(mock: Mock, zone: str, task: str) -> Answer:
    """What a polite server answers about a task."""
    return mock.respond("GET", f"/zones/{zone}/catalog_tasks/{task}", "", (), b"")


def test_whatever_nobody_knows_plays_a_subject() -> None:
    """An identifier that nobody knows passes a subject's whole path; each one by itself; a known one as ever."""
    mock = Mock(view("keycard"), polls=2, anyone="failed")
    seen = [task(mock, "zone_id", "task_id").reading.value for _ in range(3)]
    assert [(one["id"], one["status"]) for one in seen] == [
        ("task_id", "pending"), ("task_id", "running"), ("task_id", "failed"),
    ]  # fmt: skip
    assert task(mock, "zone_id", "another").reading.value["status"] == "pending"
    assert [task(mock, "z1", "task-finished").status for _ in range(3)] == [200, 200, 303]
    assert task(mock, "z1", "pollspec-task-of-nobody").status == 404


def test_whatever_nobody_knows_plays_one_that_never_was() -> None:
    """A subject without a path is played as well: QRadar's disabled framework."""
    headers = (("SEC", "pollspec-test-card-0000-0000"),)
    path = "/api/gui_app_framework/application_creation_task/77"
    mock = Mock(view("ibm_qradar"), anyone="disabled")
    assert mock.respond("GET", path, "", headers, b"").status == 409
    assert Mock(view("ibm_qradar")).respond("GET", path, "", headers, b"").status == 404


def test_a_chosen_card() -> None:
    """A chosen identifier plays its subject, beside the document's; what is not chosen is as in the document's card."""
    mock = Mock(view("keycard"), polls=2, cards=["failed=task_id=abc", "finished=task_id=x", "finished=zone_id=z9"])
    assert [task(mock, "z1", "abc").reading.value["status"] for _ in range(3)][-1] == "failed"
    assert [task(mock, "z9", "x").status for _ in range(3)] == [200, 200, 303]
    assert [task(mock, "z1", "task-failed").reading.value["status"] for _ in range(3)][-1] == "failed"
    assert (task(mock, "z1", "x").status, task(mock, "z1", "nobody").status) == (404, 404)


def test_a_parameter_given_again_begins_another_card() -> None:
    """Two identifiers of one subject are two instances."""
    mock = Mock(view("keycard"), polls=1, cards=["finished=task_id=a", "finished=task_id=b"])
    assert [task(mock, "z1", one).status for one in ("a", "a", "b", "b")] == [200, 303, 200, 303]


def test_a_card_may_be_who_asks() -> None:
    """Where nothing but the user identifies an operation, a user may be chosen, whom the credential lets in."""
    mock = Mock(view("rocket_chat"), polls=2, cards=["failed=X-User-Id=me"])
    headers = (("X-User-Id", "me"), ("X-Auth-Token", "pollspec-test-card-token"))
    answers = [mock.respond("GET", "/api/v1/getImportProgress", "", headers, b"") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert answers[-1].reading.value["step"] == "importer_import_failed"


def test_chosen_cards_are_printed() -> None:
    """The table of cards has the chosen ones."""
    assert "task_id=abc" in table(with_cards(view("keycard"), ["finished=task_id=abc"]), "http://127.0.0.1:1")


WRONG: list[tuple[str, dict[str, Any], list[str]]] = [
    ("keycard", {"anyone": "finishd"}, ["no subject 'finishd'", "finished, failed, forgotten, unknown"]),
    ("rocket_chat", {"anyone": "failed"}, ["nothing identifies what rocket_chat shows", "--card"]),
    ("keycard", {"cards": ["finished"]}, ["'finished' is not SUBJECT=PARAMETER=VALUE", "--card finished=task_id=abc"]),
    ("keycard", {"cards": ["done=task_id=a"]}, ["no subject 'done'", "finished, failed, forgotten, unknown"]),
    ("keycard", {"cards": ["finished=task=a"]}, ["gives finished a 'task'", "known: zone_id, task_id"]),
    ("ibm_qradar", {"cards": ["finished=application_id=a"]}, ["'a' does not fit", '"integer"']),
    ("logpresso_sonar", {"cards": [f"finished=token={GUID}0"]}, ["does not fit", '"maxLength": 36']),
    ("keycard", {"cards": ["finished=task_id=task-failed"]}, ["gives finished what failed has"]),
]


@pytest.mark.parametrize(("name", "options", "words"), WRONG)
def test_what_cannot_be_cast(name: str, options: dict[str, Any], words: list[str]) -> None:
    """A subject, a parameter or a value that cannot be is refused; what there is, is said."""
    with pytest.raises(UsageError) as raised:
        Mock(view(name), **options)
    assert [word for word in words if word not in str(raised.value)] == []


def test_the_command_says_so_as_well() -> None:
    """`pollspec mock` ends with 2 and the same words."""
    told = CliRunner().invoke(main, ["mock", "keycard", "--anyone", "nobody"])
    assert told.exit_code == 2
    assert "known: finished" in told.output
