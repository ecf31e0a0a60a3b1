"""Where a report goes: through links into files that keep their mode, through what is no regular file, and once."""

from __future__ import annotations

import json
import os
import pathlib
import stat
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from pollspec.errors import UsageError
from pollspec.reports import files
from tests import ovens

COMMAND = [sys.executable, "-m", "pollspec", "test", str(ovens.DOCUMENT), "--max-examples", "0"]
PLAIN = {name: value for name, value in os.environ.items() if name not in {"GITHUB_STEP_SUMMARY", "CI"}}


def written(*paths: pathlib.Path, over: bool = True) -> None:
    """A JSON report into each of these."""
    files.write(ovens.report(ovens.good), dict.fromkeys(paths, "json"), over)


def is_report(text: str | bytes) -> bool:
    """Whether a text is one whole report."""
    return bool(json.loads(text)["rows"])


def test_a_link_is_followed(tmp_path: pathlib.Path) -> None:
    """A link to a file stays a link, as does one to a link, and one to what is not there yet; the file is replaced."""
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "report").write_text("old")
    (tmp_path / "one").symlink_to("far/report")
    (tmp_path / "two").symlink_to("one")
    (tmp_path / "new").symlink_to("far/other")
    written(tmp_path / "two", tmp_path / "new")
    assert [path.is_symlink() for path in sorted(tmp_path.iterdir())] == [False, True, True, True]
    assert is_report((tmp_path / "far" / "report").read_text()) and is_report((tmp_path / "far" / "other").read_text())
    assert sorted(path.name for path in (tmp_path / "far").iterdir()) == ["other", "report"]


def test_a_mode_is_kept(tmp_path: pathlib.Path) -> None:
    """A file keeps its mode, also behind a link; a new one has what the process gives."""
    (tmp_path / "old").write_text("")
    (tmp_path / "old").chmod(0o640)
    (tmp_path / "link").symlink_to("old")
    before = os.umask(0o027)
    try:
        written(tmp_path / "link", tmp_path / "new")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"old": 0o640, "link": 0o640, "new": 0o640}


def test_a_device_is_written_through() -> None:
    """A terminal stays a terminal, and shows the report; a draft is not shown."""
    master, slave = os.openpty()
    path, shown = pathlib.Path(os.ttyname(slave)), bytearray()

    def read() -> None:
        while not shown.endswith(b"\n}\r\n"):
            shown.extend(os.read(master, 65536))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    written(path, over=False)
    written(path)
    reader.join(20)
    assert stat.S_ISCHR(path.stat().st_mode) and is_report(bytes(shown))
    os.close(slave)


def test_a_pipe_is_written_through(tmp_path: pathlib.Path) -> None:
    """A named pipe stays one, and its reader gets one whole report; a reader who goes away is no error."""
    os.mkfifo(tmp_path / "pipe")
    got: list[bytes] = []

    def read(number: int) -> None:
        with (tmp_path / "pipe").open("rb") as stream:
            got.append(stream.read(number))

    for number in (-1, 10):
        reader = threading.Thread(target=read, args=(number,))
        reader.start()
        while True:
            try:
                written(tmp_path / "pipe")
            except OSError:
                continue  # the reader is not there yet
            break
        reader.join()
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert is_report(got[0]) and got[1] == got[0][:10]


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A named pipe without a reader is said to have none, and the other report is written."""
    os.mkfifo(tmp_path / "pipe")
    lost = files.deliver(ovens.report(ovens.good), {tmp_path / "pipe": "json", tmp_path / "file": "json"})
    assert lost == [f"the json report {tmp_path / 'pipe'} cannot be written: nobody reads it"]
    assert capsys.readouterr().err == f"report: json in {tmp_path / 'file'}\n"


Spell = Callable[[pathlib.Path], str]
SPELLINGS: dict[str, tuple[Spell, Spell]] = {
    "the same": (lambda folder: f"{folder}/a", lambda folder: f"{folder}/a"),
    "with a dot": (lambda folder: f"{folder}/a", lambda folder: f"{folder}/./a"),
    "up and down": (lambda folder: f"{folder}/a", lambda folder: f"{folder}/far/../a"),
    "a link": (lambda folder: f"{folder}/a", lambda folder: f"{folder}/link"),
    "a hard link": (lambda folder: f"{folder}/a", lambda folder: f"{folder}/hard"),
    "a link to nothing yet": (lambda folder: f"{folder}/far/new", lambda folder: f"{folder}/early"),
    "a folder's link": (lambda folder: f"{folder}/far/new", lambda folder: f"{folder}/near/new"),
    "relative": (lambda folder: os.path.relpath(folder / "a"), lambda folder: f"{folder}/a"),
}


@pytest.mark.parametrize("kind", ["json", "html"])
@pytest.mark.parametrize("name", SPELLINGS)
def test_two_spellings_of_one_file_are_refused(name: str, kind: str, tmp_path: pathlib.Path) -> None:
    """Two reports into one file are an error however it is spelled, before anything is asked."""
    (tmp_path / "a").write_text("mine")
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "hard").hardlink_to(tmp_path / "a")
    (tmp_path / "early").symlink_to("far/new")
    (tmp_path / "near").symlink_to("far")
    one, other = (spell(tmp_path) for spell in SPELLINGS[name])
    with pytest.raises(UsageError, match="is to hold json already") as raised:
        files.parse((f"json={one}", f"{kind}={other}"))
    assert raised.value.hint == "give each its own file" and (tmp_path / "a").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("loop", "Too many levels of symbolic links"),
        ("file/x", "Not a directory"),
        ("nowhere/x", "there is no folder"),
        ("dangling", "there is no folder"),
        ("folder", "is a folder"),
    ],
)
def test_where_no_report_can_go(name: str, said: str, tmp_path: pathlib.Path) -> None:
    """A path that leads nowhere is refused before anything is asked."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere/x")
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=said):
        files.parse((f"json={tmp_path / name}",))


def test_several_reports_may_go_to_one_device() -> None:
    """What takes everything takes two reports."""
    assert len(files.parse(("json=/dev/null", "html=/dev/zero"))) == 2
    assert files.parse(("json=/dev/null", "html=/proc/self/../../dev/null"))


@pytest.mark.parametrize("name", ["pipe", "file"])
@pytest.mark.parametrize(("path", "number"), [("/dev/stdout", 1), ("/dev/stderr", 2), ("/dev/fd/1", 1)])
def test_an_own_output_gets_the_report_once(path: str, number: int, name: str, tmp_path: pathlib.Path) -> None:
    """A report to standard output or error stands there whole, before the terminal's, a pipe or a file it may be."""
    command = [*COMMAND, "--only", "oven/getLoaf/echoes", "--report", f"json={path}"]
    if name == "pipe":
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=PLAIN)
        outputs = [done.stdout, done.stderr]
    else:
        with (tmp_path / "1").open("w") as out, (tmp_path / "2").open("w") as err:
            done = subprocess.run(command, stdout=out, stderr=err, text=True, check=False, env=PLAIN)
        outputs = [(tmp_path / "1").read_text(), (tmp_path / "2").read_text()]
    text = outputs[number - 1]
    report, end = json.JSONDecoder().raw_decode(text[text.index("{") :])
    assert done.returncode == 0 and report["finished"] and text.count('"exit_code"') == 1
    assert "1 kept" in (text[end:] if number == 1 else outputs[0])
