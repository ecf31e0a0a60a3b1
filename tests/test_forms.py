"""The forms of a secret: whatever two ways of writing are put upon each other, it is found and masked."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pollspec.document.messages import Answer
from pollspec.judge.keywords.keeps_secret import reveals
from pollspec.masks import Masks
from tests.encoders import ENCODERS, SECRETS, told


def masked(secret: str, text: str) -> str:
    """A text without a secret."""
    masks = Masks()
    masks.add(secret, "key")
    return masks.mask(text)


@pytest.mark.parametrize("one", ENCODERS)
@pytest.mark.parametrize("secret", ["file&secret<>='0/1+2%3C\"\\", "s3cret-of-the-baker", "pässwörd €😀 long"])
def test_every_form_is_masked(one: str, secret: str) -> None:
    """A secret in any one form is masked, and what stands around it stays."""
    encoded = ENCODERS[one](secret)
    text = masked(secret, f"[it was {encoded}, so]")
    assert text.startswith("[it was ") and text.endswith(", so]")
    assert "<key>" in text and told(encoded, text) == []


@settings(max_examples=500, deadline=None)
@given(SECRETS, st.sampled_from(list(ENCODERS)), st.sampled_from(list(ENCODERS)), st.sampled_from(["", "x", "\n", "="]))
@example('a%41"bcdefgh', "JSON", "as it is", "")
def test_two_forms_upon_each_other_are_masked(secret: str, one: str, other: str, before: str) -> None:
    """A secret in one form and then in another is masked, wherever it stands."""
    encoded = ENCODERS[other](ENCODERS[one](secret))
    assert told(encoded, masked(secret, f"it was {before}{encoded} once")) == []


@settings(max_examples=200, deadline=None)
@given(SECRETS.filter(lambda text: len(text) >= 16), st.sampled_from(list(ENCODERS)), st.sampled_from(list(ENCODERS)))
def test_an_answer_reveals_a_secret_in_every_form(secret: str, one: str, other: str) -> None:
    """`keeps-secret` knows every form that masks know, in a body and in a header; a part of it is none."""

    def answered(text: str, header: str = "") -> Answer:
        return Answer(200, (("X-Note", header),), text.encode())

    encoded = ENCODERS[other](ENCODERS[one](secret))
    assert reveals(answered(f"it was {encoded} once"), secret)
    assert reveals(answered("it was", encoded), secret)
    assert not reveals(answered(f"it was {secret[:12]}", secret[7:]), secret)


@pytest.mark.parametrize("text", ["secret", "%41%42 \\u0041 &amp; &nosuch; &#1114112; \\ud800 %zz \\", "QUJD" * 20, ""])
def test_what_holds_no_secret_stays(text: str) -> None:
    """A text without a secret stays as it is, escapes and all."""
    assert masked("s3cret-of-the-baker", text) == text


@pytest.mark.parametrize(
    ("value", "text", "wanted"),
    [
        ("abc4", "abc4 ABC4 YWJjNA==", "<key> ABC4 <key>A=="),
        ("Abcdefg8", "abcdefg8 ABCDEFG8", "<key> <key>"),
        ("Bearer tok3n-abcdef", "Bearer tok3n-abcdef", "Bearer <key>"),
        ("Basic am9lOnB3", "joe:pw", "<key>"),
        ("battery horse staple", "battery horse staple", "<key>"),
        ("a=first-part; b=second-part", "second-part first-part", "<key> <key>"),
        ("long-secret-0123456789", "é long-secret-0123é", "é <key>é"),
    ],
)
def test_what_of_a_value_is_secret(value: str, text: str, wanted: str) -> None:
    """The scheme stays, parts and what base64 holds are secret, and a short one is in its own case only."""
    assert masked(value, text) == wanted


@pytest.mark.parametrize("labels", [["key", "loud", "cut", "more"], ["more", "cut", "loud", "key"]])
def test_what_is_nearly_a_secret_has_its_own_label(labels: list[str]) -> None:
    """Of secrets that differ in case only, or in their ends, the one that stands in the text gives its name."""
    values = {
        "key": "the-Very-own-key",
        "loud": "THE-VERY-OWN-KEY",
        "cut": "the-Very-own-ke",
        "more": "the-Very-own-key0",
    }
    masks = Masks()
    for label in labels:
        masks.add(values[label], label)
    for label in labels:
        assert masks.mask(f"is {values[label]}, so") == f"is <{label}>, so"
    known_first = next(label for label in labels if label in {"key", "loud"})
    assert masks.mask("is tHE-vERY-oWN-kEY, so") == f"is <{known_first}>, so"


def test_what_is_too_short_is_named() -> None:
    """A secret of fewer than four characters is not masked, and its label says so; once, and in who knows it too."""
    masks, other = Masks(), Masks()
    for value in ("abc", "Bearer x", "abc", "", "Basic am9lOnB3"):
        masks.add(value, f"key {len(value)}")
    assert masks.mask("abc") == "abc" and masks.short == ["key 3", "key 8", "key 14"]
    other.include(masks)
    other.include(masks)
    assert other.short == masks.short


def test_cookies_are_kept_apart() -> None:
    """Each cookie that is set has a placeholder of its own; a short one is none."""
    masks = Masks()
    masks.add_cookies([("Set-Cookie", "a=first-of-all; Path=/"), ("set-cookie", "b=second-one"), ("Set-Cookie", "c=1")])
    masks.add_cookies([("Set-Cookie", "a=first-of-all"), ("X-Other", "d=0123456789")])
    assert masks.mask("first-of-all second-one 0123456789") == "<cookie> <cookie 2> 0123456789"


def test_masking_takes_no_longer_for_many_secrets() -> None:
    """A text of 200,000 characters is masked of 1,000 secrets in about the time that it takes for one."""
    text = json.dumps([{"uuid": f"{n:08x}-5feb", "message": f'the job "{n}" & <more>'} for n in range(3000)])

    def seconds(number: int) -> float:
        masks = Masks()
        for n in range(number):
            masks.add(f"secret-{n * 7919:016x}", "key")
        masks.mask("")
        begun = time.process_time()
        assert masks.mask(text) == text
        return time.process_time() - begun

    assert seconds(1000) < 10 * seconds(1) + 0.1
