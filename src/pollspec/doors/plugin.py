"""The contract tests under pytest: their options, and the fixtures that they stand on.

    pytest contract_tests --vendor VENDOR --url URL
    pytest --pyargs pollspec.contract_tests -p pollspec.doors.plugin --vendor VENDOR --url URL

Every vendor is a parameter; under xdist a vendor's tests stay on one worker. Hypothesis makes values up of the
constants in modules that are loaded: where your conftest.py holds passwords, run `pollspec test`, which loads none.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from schemathesis.schemas import BaseSchema

from pollspec import spec
from pollspec.document.lifecycles import Lifecycle
from pollspec.document.loader import load
from pollspec.document.vendor import Belief
from pollspec.doors import cases
from pollspec.doors.command import Typed
from pollspec.doors.failures import fail
from pollspec.errors import PollspecError, UsageError
from pollspec.trial.background import Background, background
from pollspec.trial.destination import Destination, reach
from pollspec.trial.questions import asks
from pollspec.trial.selection import EXAMPLES, Plan, selected
from pollspec.trial.trial import Over, Trial

TRIALS = pytest.StashKey[dict[str, Trial]]()
DOORS: dict[str, cases.Door] = {}
"""The doors of the trials of this run that ask anything."""
ASKING = ("test_answers", "test_refusals")
ORDER = ("test_samples", "test_lifecycle", "test_answers", "test_refusals")
"""What runs is followed first: what rests is asked about afterwards."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, named as those of `pollspec test` (but for --strict, which is pytest's own word)."""
    group = parser.getgroup("pollspec", "pollspec: contract tests of progress endpoints")
    group.addoption("--vendor", action="append", default=[], help="a known vendor or a document's path (all known)")
    group.addoption("--url", help="a live server (an embedded polite one)")
    group.addoption("--target", dest="target_file", help="a target file (TOML)")
    group.addoption("--allow-writes", action="store_true", help="operations that start something may run")
    group.addoption("--interval", type=float, help="seconds between polls")
    group.addoption("--rate", type=float, help="requests a second at most")
    group.addoption("--max-requests", type=int, help="requests of the whole run at most")
    group.addoption("--max-time", type=float, help="seconds of the whole run at most")
    group.addoption("--insecure", action="store_true", help="accept any certificate")
    group.addoption("--header", action="append", default=[], help="'Name: value', sent with every request")
    group.addoption("--product-version", help="the version of what is tested")
    group.addoption("--no-wrong-logins", action="store_true", help="send no wrong credential")
    group.addoption("--wrong-logins", type=int, help="wrong logins that are tried beside those listed (1)")
    group.addoption("--seed", type=int, default=1, help="makes a run repeatable")
    group.addoption("--max-examples", type=int, default=EXAMPLES, help="requests an operation beyond its polls")
    group.addoption(
        "--strict-contract", nargs="?", const="all", default=False, help="a deviation fails (pollspec test --strict)"
    )
    group.addoption("--only", action="append", default=[], help="a belief's id, its beginning, or a glob")


def pytest_configure(config: pytest.Config) -> None:
    """Read the documents; a wrong name or file is an error of usage here, before anything is asked."""
    config.addinivalue_line("markers", "xdist_group(name): items that stay on one worker")
    if config.getoption("dist", "no") == "load":
        config.option.dist = "loadgroup"
    if hasattr(config, "workerinput"):  # a worker is not told how its items are given out
        config.option.loadgroup = True
    try:
        found = config.stash.setdefault(TRIALS, {}) or {t.vendor.slug: t for t in trials(_typed(config))}
    except PollspecError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[TRIALS] = found
    DOORS.clear()
    DOORS.update({s: cases.Door(t) for s, t in found.items() if t.asks})


def _typed(config: pytest.Config) -> Typed:
    """What was typed; nothing where the options are not known (the plugin came too late for them)."""
    names = [entry.name for entry in dataclasses.fields(Destination) if entry.name not in {"file", "headers"}]
    given = {name: config.getoption(name, None) for name in names}
    given["file"] = config.getoption("target_file", None)
    known = {name: value for name, value in given.items() if value is not None}
    where = Destination(**known, headers=_several(config, "header"))
    plan = Plan(
        seed=config.getoption("seed", 1),
        examples=config.getoption("max_examples", EXAMPLES),
        strict=config.getoption("strict_contract", False),
        only=_several(config, "only"),
    )
    return Typed(_several(config, "vendor"), where, plan)


def _several(config: pytest.Config, name: str) -> tuple[str, ...]:
    return tuple(config.getoption(name, None) or ())


def trials(typed: Typed) -> list[Trial]:
    """A trial for each vendor that was asked for; nothing is sent yet."""
    names, where = typed.vendors or tuple(spec.names()), typed.where
    if (where.url or where.file) and len(names) != 1:
        raise UsageError("a live target has one vendor", "name it: pollspec test VENDOR URL")
    found = [background(load(name), where.file, where.product_version) for name in names]
    vendors = [one.vendor for one in found]
    chosen = {belief.id for belief in selected([b for vendor in vendors for b in vendor.beliefs], typed.plan.only)}
    return [_trial(one, typed, [b for b in one.vendor.beliefs if b.id in chosen]) for one in found]


def _trial(found: Background, typed: Typed, beliefs: list[Belief]) -> Trial:
    return Trial(found.vendor, lambda: reach(found, typed.where), typed.plan, beliefs)


def documents(refusals: bool = False) -> dict[str, BaseSchema]:
    """The documents of the trials of this run, by vendor, as schemathesis has them."""
    return {slug: cases.document(door, refusals) for slug, door in DOORS.items()}


def pytest_ignore_collect(collection_path: pathlib.Path) -> bool | None:
    """Nothing is asked where only printed samples are looked at."""
    return True if collection_path.stem in ASKING and not DOORS else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs is followed before anything is asked about what rests."""
    places = {name: place for place, name in enumerate(ORDER)}
    items.sort(key=lambda item: places.get(item.path.stem, -1))
    for item in items:
        for slug in DOORS:
            if f"[{slug}][" in item.name:
                item.add_marker(pytest.mark.xdist_group(slug))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each vendor, each lifecycle, each sample."""
    if "trial" not in metafunc.fixturenames:
        return
    found = metafunc.config.stash[TRIALS].values()
    if "lifecycle" in metafunc.fixturenames:
        pairs = [(t, lc) for t in found for lc in t.vendor.lifecycles.values() if t.follows(lc)]
        params = [_param(trial, lifecycle.name, lifecycle) for trial, lifecycle in pairs]
        metafunc.parametrize(("trial", "lifecycle"), params, indirect=["trial"])
    elif "sample" in metafunc.fixturenames:
        params = [_param(t, b.id, b) for t in found for b in t.beliefs if not asks(b)]
        metafunc.parametrize(("trial", "sample"), params, indirect=["trial"])
    else:
        metafunc.parametrize("trial", [_param(door.trial, "") for door in DOORS.values()], indirect=True)


def _param(trial: Trial, name: str, *more: Lifecycle | Belief) -> Any:
    slug = trial.vendor.slug
    shown = name if name.startswith(f"{slug}/") else f"{slug}/{name}".rstrip("/")
    return pytest.param(slug, *more, id=shown, marks=pytest.mark.xdist_group(slug))


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """A run that is over skips the rest; what was found and not told yet fails the test."""
    try:
        result = yield
    except Over as over:
        pytest.skip(str(over))
    except PollspecError as error:
        pytest.fail(str(error), pytrace=False)
    for trial in pyfuncitem.config.stash[TRIALS].values():
        fail(trial, trial.taken())
    return result


@pytest.fixture
def trial(request: pytest.FixtureRequest) -> Trial:
    """One vendor's trial."""
    found: Trial = request.config.stash[TRIALS][request.param]
    return found


@pytest.fixture
def rested(trial: Trial) -> Trial:
    """A trial in which everything that runs was followed to its end."""
    trial.follow_all()
    return trial


@pytest.fixture(scope="session")
def session() -> requests.Session:
    """A session whose every request leaves through the one door out."""
    return cases.session(DOORS.values())
