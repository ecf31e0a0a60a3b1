"""Many captures are judged as one, whatever they are cut into and whoever judges the parts."""

from __future__ import annotations

import functools
import itertools
import json
import os
import pathlib
import pickle
import random
import re
import signal
import sys
from collections.abc import Iterable, Sequence
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pollspec import spec
from pollspec.cli import main
from pollspec.document.loader import load
from pollspec.doors.captures.judging import recorded
from pollspec.doors.captures.parts import frames, joining
from pollspec.doors.captures.parts.brief import Brief
from pollspec.doors.captures.parts.joining import Gathered
from pollspec.doors.captures.parts.judging import Judged, Judging, Whole
from pollspec.doors.captures.parts.sorting import Sorter
from pollspec.doors.captures.parts.workers import Workers, workers
from pollspec.doors.conclusion import Conclusion
from pollspec.doors.recording import Passage, of_traffic
from pollspec.errors import OwnError
from pollspec.servers.faults import find
from pollspec.trial.background import Background
from pollspec.trial.target import Settings
from tests.captures import json_lines, of_exchanges
from tests.outer.bench import traffic
from tests.test_judge_streams import FAULTS
from tests.test_judge_streams import traffic as tried

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

VENDOR = "keycard"
FAULT = "leaves-its-end:getTask/lifecycle/fails:failed"
SERVERS = frozenset(range(3, 63, 3))
"""Twenty servers with the fault; one instance of each meets it."""


def told(ledger: Gathered) -> dict[str, Any]:
    """The whole report, but for when it was made, and how the capture is called."""
    data = Conclusion((), {}).of_traffic(ledger, "judge").as_data()
    for vendor in data["vendors"].values():
        vendor["target"] = ""
    return {**data, "began": ""}


def without_numbers(data: Any) -> Any:
    """A report without what says where in its capture something stands."""
    if isinstance(data, dict):
        kept = (name for name in data if name not in {"at", "number", "since"} and type(data.get("request")) is not int)
        return {name: without_numbers(data[name]) for name in kept}
    return [without_numbers(one) for one in data] if isinstance(data, list | tuple) else data


def written(folder: pathlib.Path, several: Iterable[Sequence[Any]]) -> list[str]:
    """A file of JSON Lines for each of several lists of entries."""
    found = []
    for number, entries in enumerate(several):
        (folder / str(number)).mkdir(exist_ok=True, parents=True)
        found.append(json_lines(folder / str(number), entries))
    return found


def judged(vendor: str, captures: Sequence[str], working: Workers | None = None) -> Gathered:
    """What captures have of a vendor."""
    view = load(vendor)
    return recorded(view, of_traffic(view), captures, None, None, working)


@pytest.mark.parametrize("name", spec.names())
@settings(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(number=st.integers(-1, FAULTS - 1), data=st.data())
def test_the_report_is_the_same_whatever_the_parts(name: str, number: int, data: st.DataObject, tmp_path: Any) -> None:
    """Buckets, pieces and what is held in memory make no difference at all; files and their order, only to numbers."""
    entries = of_exchanges(tried(name, number), load(name).base_path)
    one = judged(name, written(tmp_path / "one", [entries]))
    buckets, piece = data.draw(st.sampled_from([1, 2, 7, 256])), data.draw(st.sampled_from([1, 2**13, 2**25]))
    buffered = data.draw(st.sampled_from([1, 2**12, 2**25]))
    with (
        mock.patch.multiple(joining, BUCKETS=buckets, MOST=piece),
        mock.patch.object(frames, "BUFFERED", buffered),
        workers(1, None, None) as here,
    ):
        assert told(judged(name, written(tmp_path / "one", [entries]), here)) == told(one)
        shuffled = data.draw(st.randoms(use_true_random=False)).sample(entries, len(entries))
        cuts = sorted(data.draw(st.lists(st.integers(0, len(entries)), max_size=3)))
        several = [shuffled[start:end] for start, end in itertools.pairwise([0, *cuts, len(entries)]) if start < end]
        again = told(judged(name, written(tmp_path / "several", several), here))
    assert without_numbers(again) == without_numbers(told(one))


@functools.cache
def archive(folder: pathlib.Path) -> tuple[list[str], set[str]]:
    """Some 2,000 exchanges in four files, out of order; and where, at which instances, the fault was seen."""
    vendor = load(VENDOR)
    spoiling = traffic.Spoiling(find(vendor, FAULT), SERVERS)
    entries = list(itertools.islice(traffic.entries(vendor, spoiling, every=4), 2_000))
    random.Random(1).shuffle(entries)
    offended = {f"server-{server}.example {target}" for server, target in spoiling.offended}
    return written(folder, [entries[start::4] for start in range(4)]), offended


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], set[str]]:
    """The archive with twenty offenders."""
    return archive(tmp_path_factory.mktemp("archive"))


def typed(*words: str) -> Result:
    """What a command says."""
    return CliRunner().invoke(main, list(words))


def reported(folder: pathlib.Path, *words: str) -> dict[str, Any]:
    """The JSON report of a command, but for when it was made."""
    path = folder / "report.json"
    said = typed("judge", VENDOR, *words, "--report", f"json={path}")
    assert said.stderr == f"report: json in {path}\n"
    return {**json.loads(path.read_text()), "began": ""}


def offenders(data: dict[str, Any], servers: Sequence[int]) -> set[str]:
    """The instances whose trace has a finding, and where they are; `servers`: by their number in the report."""
    zone = "/zones/"
    traces = [t for t in data["vendors"][VENDOR]["traces"] if any(point["breaks"] for point in t["points"])]
    made = [(servers[t["session"]], t["instance"].split()) for t in traces]
    return {f"server-{server}.example {zone}{ids[0]}/catalog_tasks/{ids[1]}" for server, ids in made}


def test_exactly_the_offenders_are_found_however_many_workers_judge(
    captures: tuple[list[str], set[str]], tmp_path: pathlib.Path
) -> None:
    """Twenty instances of some three hundred have a fault; one process and two workers report the same of them."""
    files, offended = captures
    assert len(offended) == 20
    alone = reported(tmp_path, *files)
    assert offenders(alone, range(1_000)) == offended
    assert f"{VENDOR}/getTask/lifecycle/fails" in {row["id"] for row in alone["rows"] if row["count"] == 20}
    assert reported(tmp_path, *files, "--jobs", "2") == alone


class Dying(Judging):
    """A worker that is killed while it judges the first piece, whichever that is."""

    def __call__(self, chunks: Sequence[frames.Chunk]) -> Judged:
        """Die once."""
        folder = pathlib.Path(next(chunk.path for chunk in chunks)).parent
        try:
            (folder / "died").mkdir()
        except FileExistsError:
            return super().__call__(chunks)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("a killed process goes on")


def test_a_worker_that_is_killed_loses_nothing(captures: tuple[list[str], set[str]]) -> None:
    """What it had is judged again by another one; the report is the same."""
    files, _ = captures
    with mock.patch.object(joining, "Judging", Dying), workers(2, None, None) as two:
        ledger = judged(VENDOR, files, two)
        assert (pathlib.Path(two.folder) / "died").is_dir()
    assert told(ledger) == told(judged(VENDOR, files))


class Failing(Judging):
    """A mistake of our own, with a secret in its text."""

    def __call__(self, chunks: Sequence[frames.Chunk]) -> Judged:
        """Fail."""
        raise RuntimeError("s3cret")


def test_a_mistake_at_a_worker_is_told_without_what_it_was_about(
    captures: tuple[list[str], set[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    """Its kind and its place; the worker logs nothing of it."""
    with (
        mock.patch.object(joining, "Judging", Failing),
        workers(2, None, None) as two,
        pytest.raises(OwnError, match="RuntimeError in pollspec"),
    ):
        judged(VENDOR, captures[0], two)
    assert "s3cret" not in "".join(capfd.readouterr())


def test_a_capture_that_cannot_be_read_is_named_and_the_rest_is_judged(
    captures: tuple[list[str], set[str]], tmp_path: pathlib.Path
) -> None:
    """Exit code 3 where nothing is broken; 1 where something is; 2 where no capture can be read at all."""
    good = written(tmp_path, [list(itertools.islice(traffic.entries(load(VENDOR)), 50))])
    missing, html = str(tmp_path / "missing.har"), tmp_path / "page.har"
    html.write_text("<html>")
    said = typed("judge", VENDOR, missing, *good, str(html))
    assert said.exit_code == 3
    first = f"{missing} and 2 more: 50 requests of {VENDOR}, 0 others; 2 of 3 captures could not be read: "
    assert said.output.startswith(f"{first}{missing} cannot be read: No such file or directory; {html} is HTML or XML")
    assert typed("judge", VENDOR, missing, *captures[0], "--strict").exit_code == 1
    none = typed("judge", VENDOR, missing, str(html))
    assert (none.exit_code, none.stderr.count("\n")) == (2, 2)
    assert "2 of 2 captures could not be read" in none.stderr


def test_a_finding_names_its_capture(captures: tuple[list[str], set[str]]) -> None:
    """Its file and its place in it, so that it is found again."""
    ledger = judged(VENDOR, captures[0])
    row = next(row for row in told(ledger)["rows"] if row["findings"])
    cited = re.match(r"request (\d+) of (\S+), as default", row["findings"][0]["at"])
    assert cited
    line = json.loads(pathlib.Path(cited[2]).read_text().splitlines()[int(cited[1]) - 1])
    assert row["findings"][0]["request"] == f"GET {line['request']['url']}"


def test_a_folder_gives_its_captures(captures: tuple[list[str], set[str]], tmp_path: pathlib.Path) -> None:
    """Those that are called so, each once, in order of their names; others are counted."""
    [path] = written(tmp_path, [list(itertools.islice(traffic.entries(load(VENDOR)), 20))])
    content = pathlib.Path(path).read_bytes()
    (tmp_path / "0" / "z.jsonl.zst").write_bytes(zstd.compress(content))
    (tmp_path / "0" / "README.md").write_text("about")
    said = typed("judge", VENDOR, str(tmp_path), path)
    assert said.output.startswith(
        f"{tmp_path}/0/z.jsonl.zst and 1 more: 40 requests of {VENDOR}, 0 others; 1 other files in the folders"
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    assert typed("judge", VENDOR, str(empty)).stderr.startswith(f"pollspec: {empty} has no capture in it")


WITHOUT = [(["--jobs", "2"], "--jobs 2"), (["--scheduler", "tcp://a:1", "--scratch", "."], "--scheduler")]


@pytest.mark.parametrize(("words", "expected"), WITHOUT)
def test_without_dask_one_process_judges_and_more_say_what_to_install(
    words: list[str], expected: str, captures: tuple[list[str], set[str]]
) -> None:
    """Any number of captures in one process; exit code 2 where workers are asked for."""
    with mock.patch.dict(sys.modules, {"distributed": None}):
        assert typed("judge", VENDOR, *captures[0], "--strict").exit_code == 1
        said = typed("judge", VENDOR, *captures[0], *words)
    text = f"pollspec: {expected} needs Dask, which is not installed\n  hint: pip install 'pollspec[fleet]', "
    assert (said.exit_code, said.stderr[: len(text)]) == (2, text)


WRONG = [
    (["--scheduler", "tcp://127.0.0.1:1"], 2, "workers of a cluster need a folder that all of them see"),
    (["--scheduler", "nowhere", "--scratch", "."], 3, "--scheduler 'nowhere' does not answer: ValueError"),
    (["--scratch", "/nowhere"], 2, "/nowhere cannot be written to: No such file or directory"),
]


@pytest.mark.parametrize(("words", "code", "expected"), WRONG)
def test_workers_that_cannot_work_are_a_clear_error(words: list[str], code: int, expected: str, tmp_path: Any) -> None:
    """What is wrong, and what to type."""
    path = written(tmp_path, [list(itertools.islice(traffic.entries(load(VENDOR)), 5))])
    said = typed("judge", VENDOR, *path, *words)
    assert (said.exit_code, said.stderr.splitlines()[0]) == (code, f"pollspec: {expected}")


def test_standard_input_is_for_one_process() -> None:
    """Several workers cannot share it."""
    said = typed("judge", VENDOR, "-", "--jobs", "2")
    assert (said.exit_code, said.stderr.splitlines()[0]) == (
        2,
        "pollspec: standard input cannot be shared by several workers",
    )


def test_what_is_sent_to_workers_shows_no_credential() -> None:
    """Dask logs what a task was given where it fails."""
    settings = Settings(credentials={"default": {"$request.header.Authorization": "Bearer s3cret"}})
    brief = Brief(Background(load(VENDOR), settings), [], None)
    whole = Whole([0], {}, {}, [(frames.Key("", 0.0, 0, 0), Passage("GET", "s3cret", (), b"", None, 0.0, 0.0))])
    tasks = [Judging(brief, whole), Sorter(brief, 1, "", False), brief, whole]
    assert not [one for one in tasks if "s3cret" in repr(one)]
    again = pickle.loads(pickle.dumps(brief))
    assert again.settings.credentials == settings.credentials and again.vendor().slug == VENDOR
