"""Media types as OpenAPI has them: ranges, and JSON under another name."""

from __future__ import annotations

import pathlib

import pytest

from pollspec.document.loader import load
from pollspec.judge.verdict import Outcome
from pollspec.trial.destination import polite
from pollspec.trial.selection import Plan
from pollspec.trial.trial import Trial
from tests.conftest import SIXTH, verdicts
from tests.exchanges import Talk

KETTLE = pathlib.Path(SIXTH).with_name("kettle.yaml")
WARM = {"state": "warm", "degrees": 60}
BROKEN, DEVIATES, KEPT, UNTRIED = Outcome.BROKEN, Outcome.DEVIATES, Outcome.KEPT, Outcome.NOT_TRIED


def documented(tmp_path: pathlib.Path, media: str) -> str:
    """The path of the kettle's document, with another media type in place of JSON's; its bodies are the page's own."""
    text = KETTLE.read_text(encoding="utf-8").replace("application/json:", f'"{media}":')
    text = text.replace("description: The kettle.", "description: The kettle.\n          x-source: It is JSON.")
    path = tmp_path / "kettle.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("media", ["*/*", "application/*", "application/vnd.kettle.v1+json"])
def test_the_polite_server_keeps_it(tmp_path: pathlib.Path, media: str) -> None:
    """A range is met by whatever falls under it; what is sent is none."""
    vendor = load(documented(tmp_path, media))
    target = polite(vendor)
    found = verdicts(Trial(vendor, lambda: target, Plan(), vendor.beliefs))
    assert {verdict.outcome for verdict in found.values()} == {KEPT}
    assert not any("*" in one.answer.media_type for one in target.exchanges if one.answer)


@pytest.mark.parametrize(
    ("media", "kind", "content", "outcome"),
    [
        ("*/*", "text/html", None, KEPT),
        ("*/*", "text/plain", b"ok", UNTRIED),
        ("*/*", "application/json", b"{", BROKEN),
        ("application/*", "application/vnd.kettle+json", None, KEPT),
        ("application/*", "text/html", None, BROKEN),
        ("application/json", "application/vnd.kettle+json; charset=utf-8", None, DEVIATES),
        ("application/json", "application/vnd.kettle+json", b"{", BROKEN),
        ("application/json", "application/xml", None, BROKEN),
        ("application/json", "text/html", None, BROKEN),
    ],
)
def test_what_is_sent(tmp_path: pathlib.Path, media: str, kind: str, content: bytes | None, outcome: Outcome) -> None:
    """JSON under a name of its own only deviates; what is no JSON, and need not be, is nobody's business."""
    talk = Talk(load(documented(tmp_path, media)))
    talk.say("getKettle", WARM, content=content, headers={"Content-Type": kind})
    assert talk.verdict("getKettle/response/200").outcome is outcome
