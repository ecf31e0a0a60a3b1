"""The trial under pytest: one item per belief, with the belief's id; `pytest --pyargs pollspec -p pollspec.plugin`.

Each vendor is explored once, on the first item that asks; under xdist a vendor's items stay on one worker.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from . import spec
from .errors import PollspecError, UsageError
from .reach import Where, reach
from .reading import load
from .reports.report import Row
from .reports.rows import row
from .trial import EXAMPLES, Plan, Trial, selected
from .vendor import Belief, Vendor
from .verdict import Outcome, Verdict

TRIALS = pytest.StashKey[dict[str, "Trial"]]()
PROPERTY = "pollspec"
"""Of an item: its belief's outcome. An item without it failed before anything was judged."""
OVERRULING = ("rate", "max_requests", "max_time", "insecure", "product_version", "no_wrong_logins")
"""Options that go into Where under their own names."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; each has its twin in `pollspec test`."""
    group = parser.getgroup("pollspec", "pollspec: contract tests of progress endpoints")
    group.addoption(
        "--vendor", action="append", default=[], help="a known vendor or a document's path (all known ones)"
    )
    group.addoption("--target-url", help="a live server (an embedded polite one)")
    group.addoption("--target-file", help="a target file (TOML)")
    group.addoption("--allow-writes", action="store_true", help="operations that start something may run")
    group.addoption("--interval", type=float, help="seconds between polls")
    group.addoption("--rate", type=float, help="requests a second at most")
    group.addoption("--max-requests", type=int, help="requests of the whole run at most")
    group.addoption("--max-time", type=float, help="seconds of the whole run at most")
    group.addoption("--insecure", action="store_true", help="accept any certificate")
    group.addoption("--header", action="append", default=[], help="'Name: value', sent with every request")
    group.addoption("--product-version", help="the version of what is tested")
    group.addoption("--no-wrong-logins", action="store_true", help="send no wrong credential")
    group.addoption("--contract-seed", type=int, default=1, help="makes a run repeatable")
    group.addoption("--max-examples", type=int, default=EXAMPLES, help="made-up requests an operation")
    group.addoption("--strict-contract", action="store_true", help="a deviation fails")
    group.addoption("--only", action="append", default=[], help="a belief's id, its beginning, or a glob")


def pytest_configure(config: pytest.Config) -> None:
    """Read the documents; a wrong name or file is an error of usage here, before anything is asked."""
    config.addinivalue_line("markers", "xdist_group(name): items that stay on one worker")
    if config.getoption("dist", "no") == "load":
        config.option.dist = "loadgroup"
    try:
        config.stash[TRIALS] = _trials(config)
    except PollspecError as error:
        raise pytest.UsageError(str(error)) from None


def _trials(config: pytest.Config) -> dict[str, Trial]:
    plan = Plan(
        seed=config.getoption("contract_seed"),
        examples=config.getoption("max_examples"),
        strict=config.getoption("strict_contract"),
        only=tuple(config.getoption("only")),
    )
    where = Where(
        config.getoption("target_url"),
        config.getoption("target_file"),
        config.getoption("allow_writes"),
        config.getoption("interval"),
        **{name: config.getoption(name) for name in OVERRULING},
        headers=tuple(config.getoption("header")),
    )
    names = config.getoption("vendor") or spec.names()
    if (where.url or where.file) and len(names) != 1:
        raise UsageError("a live target has one vendor", "name it: pollspec test VENDOR URL")
    vendors = [load(name) for name in names]
    chosen = {belief.id for belief in selected([b for vendor in vendors for b in vendor.beliefs], plan.only)}
    return {vendor.slug: _trial(vendor, where, plan, chosen) for vendor in vendors}


def _trial(vendor: Vendor, where: Where, plan: Plan, chosen: set[str]) -> Trial:
    return Trial(vendor, lambda: reach(vendor, where), plan, [b for b in vendor.beliefs if b.id in chosen])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item per belief whose keyword the module tests."""
    if "belief" not in metafunc.fixturenames or not hasattr(metafunc.module, "KEYWORDS"):
        return
    trials = metafunc.config.stash[TRIALS]
    metafunc.parametrize(
        "belief",
        [
            pytest.param(belief, id=belief.id, marks=pytest.mark.xdist_group(trial.vendor.slug))
            for trial in trials.values()
            for belief in trial.beliefs
            if belief.keyword in metafunc.module.KEYWORDS
        ],
    )


@pytest.fixture
def hold(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Holds the target to a belief: passes, fails with the finding, or skips with what to supply."""
    trials = request.config.stash[TRIALS]

    def held(belief: Belief) -> None:
        trial = trials[belief.vendor]
        verdict = _verdict(trial, belief)
        if trial.interrupted:
            for other in trials.values():
                other.interrupted = True
        result = row(trial, verdict, command(request.config, trial.vendor))
        request.node.user_properties.append((PROPERTY, result.outcome))
        if verdict.fails(trial.plan.strict):
            pytest.fail(as_text(result), pytrace=False)
        if verdict.outcome is Outcome.COULD_NOT_RUN:
            pytest.fail(f"could not run: {result.wants}", pytrace=False)
        if verdict.outcome is Outcome.NOT_TRIED:
            pytest.skip(f"not tried: wants {result.wants}")

    yield held


def _verdict(trial: Trial, belief: Belief) -> Verdict:
    said = ""
    try:
        return trial.verdicts[belief.id]
    except PollspecError as error:
        said = str(error)
    pytest.fail(said, pytrace=False)


def as_text(result: Row) -> str:
    """A finding in five lines."""
    wanted = {"expected", "actual", "reproduce"}
    lines = [*result.foundation, *(line for line in result.evidence if line[0] in wanted)]
    return "\n".join([f"{result.id}  {result.where}", *(f"    {label:<10} {text}" for label, text in lines)])


def command(config: pytest.Config, vendor: Vendor) -> str:
    """What to type to test this vendor at this target again."""
    words = ["pollspec", "test", vendor.document.typed]
    if url := config.getoption("target_url"):
        words.append(url)
    if file := config.getoption("target_file"):
        words += ["--target", file]
    for flag in ("allow_writes", "insecure", "no_wrong_logins"):
        words += [f"--{flag.replace('_', '-')}"] if config.getoption(flag) else []
    words += [word for text in config.getoption("header") for word in ("--header", text)]
    if known := config.getoption("product_version"):
        words += ["--product-version", known]
    if interval := config.getoption("interval"):
        words += ["--interval", f"{interval:g}"]
    if (examples := config.getoption("max_examples")) != EXAMPLES:
        words += ["--max-examples", str(examples)]
    return shlex.join(words)
