"""A claim: what a run says of a product, what is checked of it, and what has changed since."""

from __future__ import annotations

import base64
import json
import pathlib
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from pollspec.reports import claim
from pollspec.servers import faults
from pollspec.servers.polite import Mock
from tests.serving import served

KETTLE = pathlib.Path(__file__).parent / "documents" / "kettle.yaml"
SECRET, OWN = "a-secret-of-the-target", "another-secret-that-was-typed"
DIGEST = "predicate/configuration/0/digest"
ARTIFACT = "sha256:" + "ab" * 32


def run(*words: str) -> Result:
    """One command, away from the pipeline that this may run in."""
    return CliRunner().invoke(main, list(words), env={"GITHUB_STEP_SUMMARY": None, "CI": None})


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A claim about an embedded kettle."""
    path = tmp_path_factory.mktemp("claim") / "claim.json"
    done = run("test", str(KETTLE), "--claim", str(path), "--claimant", "Kettles & Co", "--seed", "7")
    assert done.exit_code == 0, done.output
    assert f"claim: {path}" in done.output
    return claim.read(str(path))


@pytest.fixture
def written(embedded: dict[str, Any], tmp_path: pathlib.Path) -> Callable[[Callable[[Any], object]], str]:
    """What writes the claim with a change in it; its path."""

    def write(change: Callable[[Any], object] = lambda made: None) -> str:
        made = json.loads(json.dumps(embedded))
        change(made)
        (tmp_path / "claim.json").write_text(json.dumps(made), encoding="utf-8")
        return str(tmp_path / "claim.json")

    return write


Write = Callable[..., str]


def test_what_a_claim_says(embedded: dict[str, Any]) -> None:
    """It is an in-toto statement about the document: who, what, how; each belief is in the list of its outcome."""
    digest = load(str(KETTLE)).document.digest.removeprefix("sha256:")
    assert embedded["subject"] == [{"name": str(KETTLE), "digest": {"sha256": digest}}]
    predicate = embedded["predicate"]
    own = predicate["pollspec"]
    assert predicate["configuration"] == embedded["subject"]
    assert (own["claimant"], own["mode"], own["target"], own["seed"]) == ("Kettles & Co", "embedded", "embedded", 7)
    assert own["command"] == f"pollspec test {KETTLE} --seed 7"
    assert own["document_version"] == "1.0.0"
    known = {belief.id: belief.grade for belief in load(str(KETTLE)).beliefs}
    assert own["beliefs"] == known
    untried = {entry["id"] for entry in own["not_tried"]}
    assert set(predicate["passedTests"]) | untried == set(known)
    assert predicate["result"] == ("WARNED" if untried else "PASSED")


def test_the_published_schema_is_one(embedded: dict[str, Any]) -> None:
    """claim.schema.json is a JSON Schema, and ships beside the code; what in-toto adds is let through."""
    grammar = json.loads(claim.SCHEMA.read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(grammar)
    assert jsonschema_rs.Draft202012Validator(grammar).is_valid({**embedded, "more": 1})


def kettle(vendor: Vendor, fault: str = "") -> Any:
    """A kettle, perhaps with a fault."""
    polite = Mock(vendor, duration=0.3)
    return faults.Impolite(polite, vendor, faults.find(vendor, fault)) if fault else polite


@pytest.mark.parametrize(("fault", "result", "code"), [("", "PASSED", 0), ("drops-the-field", "FAILED", 1)])
def test_a_claim_about_a_server(fault: str, result: str, code: int, tmp_path: pathlib.Path) -> None:
    """The target file says who, what and which digest; neither it nor the command shows a secret."""
    with served(kettle(load(str(KETTLE)), fault)) as url:
        (tmp_path / "target.toml").write_text(
            f'base_url = "{url}"\nproduct_version = "4.2.1"\nheaders = {{ X-Key = "{SECRET}" }}\n'
            f'subjects = {{ finished = "red" }}\npolls = {{ interval = 0.05 }}\n'
            f'[claim]\nclaimant = "Kettles"\nproduct = "Red"\nartifact = "{ARTIFACT}"\n',
            encoding="utf-8",
        )
        words = ["--target", str(tmp_path / "target.toml"), "--header", f"X-Own: {OWN}", "--max-examples", "4"]
        done = run("test", str(KETTLE), *words, "--claim", str(tmp_path / "c"), "--strict")
    assert done.exit_code == code, done.output
    made = claim.read(str(tmp_path / "c"))
    own = made["predicate"]["pollspec"]
    assert made["subject"] == [{"name": "Red", "digest": {"sha256": "ab" * 32}}]
    assert (own["claimant"], own["product"], own["product_version"]) == ("Kettles", "Red", "4.2.1")
    assert (own["mode"], own["target"], own["strict"]) == ("live", url, "all")
    assert made["predicate"]["result"] == result and bool(made["predicate"]["failedTests"]) is bool(fault)
    text = (tmp_path / "c").read_text(encoding="utf-8")
    assert SECRET not in text and OWN not in text and "X-Own: <header X-Own>" in text
    checked = run("claim", "check", str(tmp_path / "c"), "--document", str(KETTLE))
    assert checked.exit_code == code and f"Kettles claims of Red 4.2.1: {result}" in checked.output


def test_a_claim_is_checked(written: Write) -> None:
    """A good claim about today's document is 0; a document of one's own must be given."""
    path = written()
    done = run("claim", "check", path, "--document", str(KETTLE))
    assert done.exit_code == 0, done.output
    assert "Kettles & Co claims of a product" in done.output
    assert "the document is that of today" in done.output
    assert run("claim", "check", path).exit_code == 2


def test_a_signed_claim_is_read(written: Write, tmp_path: pathlib.Path) -> None:
    """An envelope with signatures (DSSE), and a bundle of sigstore's, are read as the claim that is in them."""
    payload = base64.b64encode(pathlib.Path(written()).read_bytes()).decode()
    envelope = {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [{"sig": "x"}]}
    for signed in (envelope, {"mediaType": "x", "dsseEnvelope": envelope}):
        (tmp_path / "signed").write_text(json.dumps(signed), encoding="utf-8")
        done = run("claim", "check", str(tmp_path / "signed"), "--document", str(KETTLE))
        assert done.exit_code == 0 and "signatures are not checked here" in done.output
    (tmp_path / "signed").write_text(json.dumps({"payload": "?"}), encoding="utf-8")
    assert run("claim", "check", str(tmp_path / "signed")).exit_code == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda made: made["predicate"]["passedTests"].pop(), "its counts are of"),
        (lambda made: made["predicate"]["failedTests"].append(made["predicate"]["passedTests"].pop()), "its result is"),
        (lambda made: made["predicate"]["warnedTests"].append(made["predicate"]["passedTests"][0]), "in several of"),
        (lambda made: made["predicate"]["pollspec"]["beliefs"].update({"kettle/a/b/c": "source"}), "kettle/a/b/c"),
    ],
)
def test_a_claim_that_does_not_hold_together(change: Callable[[Any], object], said: str, written: Write) -> None:
    """A claim whose lists, counts and result contradict one another is 1, and says which."""
    done = run("claim", "check", written(change), "--document", str(KETTLE))
    assert done.exit_code == 1 and "it contradicts itself: " in done.output and said in done.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda made: made.update(_type="x"), "_type"),
        (lambda made: made["predicate"].pop("result"), "predicate"),
        (lambda made: made["predicate"]["configuration"][0]["digest"].update(sha256="short"), f"{DIGEST}/sha256"),
        (lambda made: made["predicate"]["pollspec"].update(mode="dreamt"), "predicate/pollspec/mode"),
    ],
)
def test_what_is_no_claim(change: Callable[[Any], object], said: str, written: Write) -> None:
    """A file that is no claim is 2, and the place that is wrong is named."""
    done = run("claim", "check", written(change), "--document", str(KETTLE))
    assert done.exit_code == 2 and f"is no claim of pollspec: {said}: " in done.output


def test_what_has_changed_since(written: Write, tmp_path: pathlib.Path) -> None:
    """A claim about another document is 1: beliefs that came, went or have another grade; with --old, everything."""
    text = KETTLE.read_text(encoding="utf-8")
    changed = text.replace("boils: {claim", "boiling: {claim").replace("implied: it is on", "source: it is on")
    (tmp_path / "kettle.yaml").write_text(changed.replace("maximum: 100", "maximum: 90"), encoding="utf-8")
    path, today = written(), str(tmp_path / "kettle.yaml")
    done = run("claim", "check", path, "--document", today)
    assert done.exit_code == 1
    for line in (
        "the document has changed since",
        "added      kettle/getKettle/only-when/boiling",
        "dropped    kettle/getKettle/only-when/boils",
        "regraded   kettle/getKettle/never-decreases/degrees: implied is now source",
    ):
        assert line in done.output
    done = run("claim", "check", path, "--document", today, "--old", str(KETTLE))
    assert done.exit_code == 1 and "maximum 100 is now 90" in done.output
    assert run("claim", "check", path, "--document", today, "--old", today).exit_code == 2


def test_no_claim_of_a_run_that_is_not_finished(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was ended early claims nothing."""
    from pollspec.doors.run import Run

    monkeypatch.setattr(Run, "modules", property(interrupt))
    done = run("test", str(KETTLE), "--claim", str(tmp_path / "c"))
    assert done.exit_code == 130
    assert not (tmp_path / "c").exists()


def interrupt(_: object) -> list[str]:
    """Somebody presses Ctrl-C."""
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["test", "--claim", "c.json"], "--claim is about one document"),
        (["test", "keycard", "--claimant", "me"], "--claimant is for a claim"),
        (["test", "keycard", "--claim", "/nowhere/at/all"], "there is no place"),
        (["test", "keycard", "--targets", "x", "--claim", "c.json"], "--claim is about one target"),
        (["claim", "check", "/nowhere"], "cannot be read"),
    ],
)
def test_words_that_do_not_fit(words: list[str], said: str) -> None:
    """What a claim can be about, and where it can stand, is said before anything is asked."""
    done = run(*words)
    assert done.exit_code == 2 and said in done.output
