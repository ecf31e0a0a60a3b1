"""What a server sends, and what must not be seen, in every report."""

from __future__ import annotations

import functools
import html
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pollspec.document.loader import load
from pollspec.doors.conclusion import Conclusion
from pollspec.doors.recording import Recording, of_traffic
from pollspec.masks import Masks
from pollspec.reports import files
from pollspec.servers.polite import Mock
from tests import ovens
from tests.encoders import ENCODERS, SECRETS, told
from tests.exchanges import Talk
from tests.readers import RAW, everywhere


@pytest.mark.parametrize("kind", [*files.FORMATS, "terminal"])
def test_nothing_raw_reaches_a_report(kind: str) -> None:
    """Terminal escapes, NUL and marks that turn a line around are written out; markup stays text."""
    text = everywhere(ovens.report(ovens.nasty))[kind]
    assert not [raw for raw in RAW if raw in text]
    assert "[red]loud[/red]" in text
    assert re.search(r"(x|u00)1b\[31m", text) and "u202e" in text
    if kind in {"html", "junit"}:
        assert "<script>" not in text and "&lt;script&gt;" in text
    if kind == "junit":
        assert "[red]loud[/red]" in "".join(ElementTree.fromstring(text.encode()).itertext())


class Broken(Mock):
    """Answers with bytes that are no JSON, or JSON with a lone surrogate."""

    CONTENT = b""

    def respond(self, method: str, path: str, query: str, headers: Any, content: bytes) -> Any:
        """The answer with another body."""
        return replace(super().respond(method, path, query, headers, content), content=self.CONTENT)


@pytest.mark.parametrize("kind", [*files.FORMATS, "terminal"])
@pytest.mark.parametrize("content", [b'{"id": "\\ud800", "state": "\\u0000"}', b"\x1b]0;owned\x07\x00\xff\xfe\xc3("])
def test_bodies_that_are_no_text(kind: str, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lone surrogate and invalid UTF-8 are findings, shown as text."""
    monkeypatch.setattr(Broken, "CONTENT", content)
    report = ovens.report_on(ovens.trial(Broken))
    text = everywhere(report)[kind]
    text.encode("utf-8")
    assert report.summary()["broken"] and not [raw for raw in (*RAW, "\x07") if raw in text]


@pytest.mark.parametrize("kind", [*files.FORMATS, "terminal"])
def test_no_secret_is_in_a_report(kind: str) -> None:
    """A server that repeats our key, also where its answer is cut, gives it to no report."""
    report = ovens.report(ovens.leaking)
    text = everywhere(report)[kind]
    assert "<default X-Oven-Key>" in text or "&lt;default X-Oven-Key&gt;" in text
    assert ovens.KEY[:9] not in text and ovens.WRONG_KEY not in text and "pollspec-0" not in text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("the key is s3cret-of-the-baker.", "the key is <key>."),
        ('"xxx s3cret-of-the...', '"xxx <key>...'),
        ("xxx s3cret-of-th", "xxx <key>"),
        ("s3cret-of... and s3cret-o", "<key>... and <key>"),
        ("s3cret-of another kind", "s3cret-of another kind"),
        ("a s3cret-of\\u002...", "a <key>\\u002..."),
        ("a s3cret-of&#4...", "a <key>&#4..."),
        ("a s3cret-of%2", "a <key>%2"),
        ("a czNjcmV0LW9mLX...", "a <key>..."),
        ("czNjcmV0LW9m", "<key>"),
        ("a s3cre...", "a <key>..."),
        ("a s3c... s3cre", "a s3c... s3cre"),
    ],
)
def test_a_secret_that_was_cut_is_masked(text: str, masked: str) -> None:
    """The beginning of a secret is masked where a text was cut, and nowhere else."""
    masks = Masks()
    masks.add("s3cret-of-the-baker", "key")
    assert masks.mask(text) == masked


def recording(secret: str, text: str) -> Recording:
    """A recording of one answer that holds a text, in its body and in a header, and breaks a belief by it."""
    vendor = load(str(ovens.DOCUMENT))
    seen = Recording(vendor, of_traffic(vendor), "a capture")
    seen.masks.add(secret, "key")
    body = {"id": "loaf-1", "state": "baked", "crust": text, "note": text}
    values = {"$request.path.loaf_id": "loaf-1", "$request.header.X-Note": text}
    assert seen.enter(Talk(vendor).say("getLoaf", body, values=values, headers={"X-Note": text}))
    return seen


def written(secret: str, text: str) -> dict[str, str]:
    """The report on such a recording, in every format."""
    seen = recording(secret, text)
    report = Conclusion(seen.beliefs, {}).of_traffic(seen, "pollspec judge")
    assert report.summary()["broken"] >= 2
    return everywhere(report)


@functools.cache
def without() -> dict[str, str]:
    """What stands in every format where no secret is repeated: a word of a format's own gives nothing away."""
    return written("3f1c-77ab-91d0", "it was nothing")


@settings(max_examples=60, deadline=None)
@example("Location", "as it is", "as it is")
@given(SECRETS, st.sampled_from(list(ENCODERS)), st.sampled_from(list(ENCODERS)))
def test_no_form_of_a_secret_is_in_a_report(secret: str, one: str, other: str) -> None:
    """A secret that a server repeats in one form upon another stands in no format of a report, escaped or not."""
    encoded = ENCODERS[other](ENCODERS[one](secret))
    for kind, text in written(secret, f"it was {encoded} once").items():
        unescaped = [html.unescape(text), re.sub(r"\\(.)", r"\1", text), text.replace("\\\\", "\\").replace('\\"', '"')]
        for one_text in (text, *unescaped):
            assert [piece for piece in told(encoded, one_text, 2) if piece not in without()[kind]] == [], kind
        assert "key" in text
