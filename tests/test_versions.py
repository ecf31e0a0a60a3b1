"""Alternatives that depend on the product's version: what is expected of the version that is tested."""

from __future__ import annotations

import pathlib

import pytest
from packaging.version import Version

from pollspec.document.lint import problems
from pollspec.document.loader import load
from pollspec.document.vendor import Vendor
from pollspec.errors import DocumentError
from pollspec.judge.judge import judge
from pollspec.judge.verdict import Outcome, Verdict
from tests.conftest import SIXTH
from tests.exchanges import Talk

UNKNOWN = "getFiring/answers/unknown"
"""404 with 4040; releases from 3.0 on put 4041 in its place."""


def verdict(vendor: Vendor, code: int, version: str | None) -> Verdict:
    """The verdict on an answer with a code, by a product of some version."""
    talk = Talk(vendor)
    talk.say("getFiring", {"code": code}, 404, values=vendor.subjects["unknown"].given, subject="unknown")
    wanted = [belief for belief in vendor.beliefs if belief.id == f"{vendor.slug}/{UNKNOWN}"]
    return judge(vendor, talk.exchanges, wanted, Version(version) if version else None)[0]


@pytest.mark.parametrize(
    ("code", "version", "outcome"),
    [
        (4040, None, Outcome.KEPT),
        (4040, "2.9", Outcome.KEPT),
        (4040, "3.0", Outcome.KEPT),
        (4041, None, Outcome.DEVIATES),
        (4041, "2.9", Outcome.BROKEN),
        (4041, "3.0", Outcome.KEPT),
        (4041, "3.0.0.post1", Outcome.KEPT),
        (4041, "4.0rc1", Outcome.KEPT),
        (4041, "3.0rc1", Outcome.BROKEN),
        (4042, None, Outcome.BROKEN),
        (4042, "2.9", Outcome.BROKEN),
        (4042, "3.0", Outcome.BROKEN),
    ],
)
def test_alternatives(sixth: Vendor, code: int, version: str | None, outcome: Outcome) -> None:
    """An alternative is as good as the belief in the versions that have it, breaks in all others, and deviates where
    nobody said which version is tested; the page's own answer is always right."""
    assert verdict(sixth, code, version).outcome is outcome


def test_what_was_expected(sixth: Vendor) -> None:
    """A finding says what is expected of the version that is tested, and nothing of other versions."""
    assert verdict(sixth, 4042, "2.9").findings[0].expected == "4040 somewhere in the body"
    assert verdict(sixth, 4042, None).findings[0].expected == "4040 somewhere in the body"
    expected = "4040 somewhere in the body; or, as in >=3.0, 4041 somewhere in the body"
    assert verdict(sixth, 4042, "3.1").findings[0].expected == expected


def test_the_alternative_that_was_met(sixth: Vendor) -> None:
    """Where the version is not known, a finding names the alternative and the versions that have it."""
    assert verdict(sixth, 4041, None).findings[0].alternative == "4041 takes the place of 4040 (>=3.0)"


def test_other_beliefs_know_no_version(sixth: Vendor) -> None:
    """A version changes the verdict on nothing that has no alternative."""
    talk = Talk(sixth)
    talk.say("getFiring", {"code": 4041}, 404, values=sixth.subjects["unknown"].given, subject="unknown")
    plain = [belief for belief in sixth.beliefs if "or" not in belief.says]
    assert judge(sixth, talk.exchanges, plain, Version("3.0")) == judge(sixth, talk.exchanges, plain)


def test_versions_that_are_none(tmp_path: pathlib.Path) -> None:
    """A document whose versions are no specifiers cannot be read, and lint says in which line they stand."""
    text = pathlib.Path(SIXTH).read_text(encoding="utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(text.replace('versions: ">=3.0"', "versions: 3.x and later"), encoding="utf-8")
    with pytest.raises(DocumentError, match="names no versions"):
        load(str(path))
    line = 1 + text.splitlines().index('                versions: ">=3.0"')
    (problem,) = problems(str(path))
    assert problem.endswith("'3.x and later' names no versions: expected one like >=3,<5")
    assert problem.split(":")[-3 if problem.count(":") > 3 else 1].strip() == str(line)
