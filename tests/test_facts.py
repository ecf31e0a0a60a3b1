"""What a user says of his own data is judged: what is known, further logins, other zones, values that nothing has."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import pytest

from pollspec.document.loader import load
from pollspec.document.messages import Request
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import NEARLY
from pollspec.judge.verdict import Outcome, Verdict
from pollspec.servers.polite import Mock
from pollspec.trial import facts
from pollspec.trial.selection import Plan
from pollspec.trial.settings import Body, Known, Settings
from pollspec.trial.target import Polls, Target, cards, embedded
from pollspec.trial.trial import Trial
from tests.serving import served
from tests.test_cli import run

ZONE, TASK = "$request.path.zone_id", "$request.path.task_id"
DONE = {ZONE: "z1", TASK: "task-finished"}
FAILED = {ZONE: "z1", TASK: "task-failed"}
POLLS = Polls(every=10, at_most=400)


@pytest.fixture
def keycard() -> Vendor:
    """A document whose polite server plays several tasks."""
    return load("keycard")


def tried(vendor: Vendor, settings: Settings, path: str = "") -> tuple[dict[str, Verdict], Target]:
    """The verdicts on a polite server whose data is known so; `path`: what is taken to stand before its paths."""
    whole = facts.with_facts(vendor, settings)
    there = dataclasses.replace(settings, base_path=path)
    target = embedded(whole, lambda clock: Mock(vendor, clock, duration=120), there)
    trial = Trial(whole, lambda: target, Plan(), whole.beliefs)
    trial.run()
    return trial.verdicts(), target


def known(vendor: Vendor, *entries: Known, **more: Any) -> Settings:
    """The settings of a polite server, and what is known besides."""
    return dataclasses.replace(cards(vendor), known=list(entries), polls=POLLS, **more)


@pytest.mark.parametrize(
    ("entry", "outcome"),
    [
        (Known("mine", FAILED, "failed", where="t.toml:7"), Outcome.BROKEN),
        (Known("mine", FAILED, None, {"/status": "failed"}, where="t.toml:7"), Outcome.KEPT),
        (Known("mine", FAILED, None, {"/id": "task-failed"}, where="t.toml:7"), Outcome.KEPT),
        (Known("mine", FAILED, None, {"/operation": "delete"}, where="t.toml:7"), Outcome.BROKEN),
        (Known("mine", FAILED, "running", where="t.toml:7"), Outcome.BROKEN),
        (Known("mine", FAILED, "pending", where="t.toml:7"), Outcome.KEPT),
    ],
    ids=["still-pending", "by-value-once-it-rests", "values", "another-value", "a-stage-not-come-to", "on-its-way"],
)
def test_what_is_known_is_judged_as_source(keycard: Vendor, entry: Known, outcome: Outcome) -> None:
    """A stage that is an end is shown at once and for good; one that is none may be left; values are as they are."""
    verdicts, _ = tried(keycard, known(keycard, entry))
    verdict = verdicts["keycard/getTask/answers/mine"]
    assert (verdict.outcome, verdict.belief.grade, verdict.belief.words) == (outcome, "source", facts.WORDS)
    assert verdict.belief.where == "t.toml:7"


def test_what_rests_in_its_end(keycard: Vendor) -> None:
    """An identifier that stands in the end it is known to stand in keeps what is said of it."""
    resting = Mock(keycard, duration=0.001)
    settings = known(keycard, Known("mine", FAILED, "failed", {"/status": "failed"}))
    whole = facts.with_facts(keycard, settings)
    target = embedded(whole, lambda clock: resting, settings)
    trial = Trial(whole, lambda: target, Plan(), whole.beliefs)
    target.send(
        Request("getTask", "GET", "/zones/z1/catalog_tasks/task-failed", {"zone_id": "z1", "task_id": "task-failed"})
    )
    target.clock.sleep(1)
    trial.run()
    assert trial.verdicts()["keycard/getTask/answers/mine"].outcome is Outcome.KEPT


def test_what_is_over_is_there(keycard: Vendor) -> None:
    """A subject that has come to its end before anybody asks is there, though a redirect without a body shows it."""
    resting = Mock(keycard, duration=0.001)
    whole = facts.with_facts(keycard, settings := known(keycard))
    target = embedded(whole, lambda clock: resting, settings)
    trial = Trial(whole, lambda: target, Plan(), whole.beliefs)
    target.send(
        Request(
            "getTask", "GET", "/zones/z1/catalog_tasks/task-finished", {"zone_id": "z1", "task_id": "task-finished"}
        )
    )
    target.clock.sleep(1)
    trial.run()
    assert trial.verdicts()["keycard/getTask/accepts/finished"].outcome is Outcome.KEPT
    assert {e.status for e in target.exchanges if e.subject == "finished"} == {303}


def test_a_name_that_is_taken(keycard: Vendor) -> None:
    """A belief of the document keeps its id; what the user says gets one beside it."""
    entry = Known("unknown-to-me", DONE, None, {"/id": "task-finished"})
    taken = dataclasses.replace(entry, name="request-id")
    ids = [belief.id for belief in facts.with_facts(keycard, known(keycard, entry, taken)).beliefs]
    assert len(ids) == len(set(ids))
    assert {f"keycard/getTask/answers/{name}" for name in ("unknown-to-me", "request-id-as-told")} <= set(ids)


def test_another_zone_and_malformed_values(keycard: Vendor) -> None:
    """Each is asked about in place of the known identifier, and shows nothing."""
    settings = known(keycard, crossing={ZONE: ["z2"]}, malformed={TASK: ["%00"]})
    verdicts, target = tried(keycard, settings)
    nearly = {tuple(e.request.parameters.values()) for e in target.exchanges if e.subject == NEARLY}
    assert {("z2", "task-finished"), ("z1", "%00")} <= nearly
    assert verdicts["keycard/getTask/tells-apart/identifiers"].outcome is Outcome.KEPT


def test_a_subject_has_a_login_of_its_own() -> None:
    """What is known of a login's own import is asked with that login, and with no other."""
    vendor = load("rocket_chat")
    plain = cards(vendor)
    user = next(iter(vendor.subjects["finished"].given.values()))
    own = {**plain.credentials["default"], "$request.header.X-User-Id": user}
    settings = dataclasses.replace(
        plain,
        credentials={**plain.credentials, "importer": own},
        kinds={"importer": "accepted"},
        subjects={"finished": [{}]},
        logins={"finished": ["importer"]},
        polls=POLLS,
    )
    verdicts, target = tried(vendor, settings)
    about = [e for e in target.exchanges if e.subject == "finished" and e.credential == "default"]
    assert about and {e.login for e in about} == {"importer"}
    assert [v.belief.id for v in verdicts.values() if v.outcome is Outcome.BROKEN] == []


def test_each_body_is_started_and_followed_as_what_it_leads_to() -> None:
    """Several bodies of a start are started one after the other, each judged as the subject that it leads to."""
    vendor = load("netapp_ontap")
    good, bad = ({"url": f"http://server/{name}"} for name in ("good", "bad"))
    bodies = {"startDownload": [Body(good, "finished"), Body(bad, "finished")]}
    settings = dataclasses.replace(cards(vendor), bodies=bodies, starts=[], subjects={}, polls=POLLS)
    _, target = tried(vendor, settings)
    sent = [e.request.body["url"] for e in target.exchanges if e.operation == "startDownload" and e.status < 300]
    assert sent[:2] == [good["url"], bad["url"]]
    followed = {e.request.target for e in target.exchanges if e.operation == "getJob" and e.subject == "finished"}
    assert len(followed) == 2


def test_a_target_file_says_what_is_known(keycard: Vendor, tmp_path: pathlib.Path) -> None:
    """From the file to the report: the row names the file and the line, and what is wrong fails the run."""
    with served(Mock(keycard, duration=0.01)) as url:
        file = tmp_path / "target.toml"
        file.write_text(
            f'base_url = "{url}"\n[[known]]\nname = "mine"\nzone_id = "z1"\ntask_id = "task-failed"\n'
            'stage = "completed"\n[polls]\ninterval = 0.1\nat_most = 1\n'
        )
        done = run("test", "keycard", "--target", str(file), "--only", "keycard/getTask/answers/mine")
    assert done.exit_code == 1
    assert f"{file}:2" in done.stdout and f"source     {facts.WORDS}" in done.stdout


@pytest.mark.parametrize(("path", "outcome"), [("", Outcome.KEPT), ("/elsewhere", Outcome.BROKEN)])
def test_what_was_supplied_is_not_asked_about_in_vain(keycard: Vendor, path: str, outcome: Outcome) -> None:
    """A subject that is never found is a finding, and not a row that was not tried."""
    verdicts, _ = tried(keycard, known(keycard), path)
    verdict = verdicts["keycard/getTask/accepts/finished"]
    assert (verdict.outcome, verdict.belief.grade) == (outcome, "source")


@pytest.mark.parametrize(("login", "outcome"), [("default", Outcome.KEPT), ("unprivileged", Outcome.BROKEN)])
def test_each_login_that_is_to_be_accepted_is(login: str, outcome: Outcome) -> None:
    """A further login that is refused throughout is a finding."""
    vendor = load("rocket_chat")
    plain = known(vendor)
    more = {**plain.credentials, "second": vendor.credentials[login]}
    verdicts, _ = tried(vendor, dataclasses.replace(plain, credentials=more, kinds={"second": "accepted"}))
    assert verdicts["rocket_chat/getImportProgress/accepts/login-second"].outcome is outcome
