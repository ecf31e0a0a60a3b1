"""`pollspec explain`: one belief in full."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from pollspec import spec
from pollspec.cli import main
from pollspec.document.keywords import KEYWORDS
from pollspec.document.loader import load
from pollspec.errors import UsageError
from pollspec.reports import explain
from tests import ovens

BELIEFS = [belief for name in spec.names() for belief in load(name).beliefs]
OVEN = str(ovens.DOCUMENT)


@pytest.mark.parametrize("name", spec.names())
def test_every_belief_is_explained(name: str) -> None:
    """Each says its claim, what it rests on, where it stands and how it is tried."""
    text = explain.explain(name)
    vendor = load(name)
    for belief in vendor.beliefs:
        assert belief.id in text and belief.claim in text and belief.where in text
        assert " ".join(belief.words.split()) in text
        assert explain.how(vendor, belief)
    assert text.count("\n    tried ") == len(vendor.beliefs)


def test_every_keyword_is_met() -> None:
    """The five documents, the oven and the batch use every keyword, so that each has been explained."""
    batch = load(OVEN.replace("oven.yaml", "batch.yaml"))
    used = {belief.keyword for belief in [*BELIEFS, *load(OVEN).beliefs, *batch.beliefs]}
    assert used == set(KEYWORDS)


def lines(wanted: str) -> list[str]:
    """The explanation of an oven's belief, without its labels."""
    return [line[17:] for line in explain.explain(wanted, OVEN).splitlines()[1:]]


def test_a_refusal_names_its_request_and_its_answer() -> None:
    """The request, the credential and what the answer must be."""
    text = lines("oven/getLoaf/refuses/no-key")
    assert "GET /loaves/loaf-1, without a credential" in text
    assert "Expected: the status is 401." in text and "Expected: /state of the answer is not there." in text
    assert "GET /loaves/loaf-1, with the credential 'invalid'" in lines("oven/getLoaf/refuses/wrong-key")


def test_a_subject_that_never_was_is_asked_for() -> None:
    """A belief about an unknown subject shows the polite server's identifier for it."""
    assert "GET /loaves/loaf-of-nobody" in lines("oven/getLoaf/answers/unknown")


def test_a_temporal_belief_names_its_traces() -> None:
    """What is polled how often, which subjects, and what is started."""
    text = lines("oven/getLoaf/lifecycle/ends")
    assert "getLoaf polled every 60 s, from first contact to 2 polls after the end." in text
    assert "Subject 'finished': rising, baking, done." in text
    assert "What bakeLoaf starts, where writes are allowed." in text
    assert "A move from done, failed must be one the lifecycle has." in text


def test_a_condition_is_put_in_words() -> None:
    """`when` says of which answers a belief speaks."""
    assert 'Judged where /state of the answer is "baked".' in lines("oven/getLoaf/only-when/words")


def test_a_secret_is_said_to_be_ones_own() -> None:
    """What is sent in a secret field is pollspec's own value."""
    text = lines("oven/bakeLoaf/keeps-secret/recipe")
    assert "A long random value of pollspec's own is sent as /recipe of the request." in text


def test_the_beginning_of_an_id_explains_each() -> None:
    """An operation, or a keyword, is explained belief by belief."""
    text = explain.explain("oven/getLoaf/refuses", OVEN)
    assert [line for line in text.splitlines() if line.startswith("oven/")] == [
        "oven/getLoaf/refuses/no-key",
        "oven/getLoaf/refuses/wrong-key",
    ]


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("rocket_chat/getImportProgress/refuses/no-user", "did you mean"),
        ("oven/getLoaf/lifecycle/ends", "known: |did you mean"),
        ("nonsense", "pollspec beliefs"),
        ("", "pollspec beliefs"),
    ],
)
def test_an_unknown_id_is_refused(wanted: str, hint: str) -> None:
    """What is nearest is named."""
    with pytest.raises(UsageError, match="no belief is called") as raised:
        explain.explain(wanted)
    assert any(word in raised.value.hint for word in hint.split("|"))


def test_faults_are_listed_where_there_are_any() -> None:
    """The faults that prove a belief stand in its explanation, and none of another belief."""
    told = explain.explain("oven/getLoaf/lifecycle/ends", OVEN)
    assert (
        "    proved by    shows-the-newer: " in told and "                 leaves-its-end: goes on after done\n" in told
    )
    assert "leaves-its-end" not in explain.explain("oven/getLoaf/echoes/id", OVEN)


def test_the_command() -> None:
    """`pollspec explain ID [DOCUMENT]` prints it; an unknown id ends with 2."""
    good = CliRunner().invoke(main, ["explain", "oven/getLoaf/echoes/id", OVEN])
    assert good.exit_code == 0 and good.stdout.startswith("oven/getLoaf/echoes/id\n")
    bad = CliRunner().invoke(main, ["explain", "keycard/getTask/echoes/idd"])
    assert bad.exit_code == 2 and 'did you mean "keycard/getTask/echoes/id"' in bad.stderr
