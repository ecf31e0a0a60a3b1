"""A target file takes neither time nor memory without bound, and whatever stands in it is an error, not a traceback."""

from __future__ import annotations

import os
import pathlib
import socket
import sys
import time

import pytest

from pollspec.errors import TargetFileError
from pollspec.trial.targetfile import is_insecure, read
from pollspec.trial.wire import sources
from pollspec.trial.wire.sources import LONGEST, NoSecret, Source
from pollspec.trial.wire.tomlfile import DEEPEST, TomlFile, dotted, lines, toml
from tests.conftest import view
from tests.targetfiles import URL, given, settings

PYTHON = sys.executable
HEADER = "$request.header.A"


def credential(folder: pathlib.Path, source: str) -> str:
    """A credential that comes from a source."""
    return settings(folder, f"[credentials.default]\nA = {source}\n", "netapp_ontap").credentials["default"][HEADER]


def test_a_device_is_no_file(tmp_path: pathlib.Path) -> None:
    """A credential's file that is a device, a pipe or a socket is an error at once."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name in ("/dev/zero", "/dev/null", "pipe", "link", "socket"):
            with pytest.raises(TargetFileError, match="is a device or a pipe, expected a file") as caught:
                credential(tmp_path, f'{{ file = "{name}" }}')
            assert caught.value.hint == "give a readable file"
            with pytest.raises(NoSecret, match="is a device or a pipe"):
                Source("file", str(tmp_path / name))()


def test_a_file_is_read_up_to_a_bound(tmp_path: pathlib.Path) -> None:
    """64 KiB of a credential's file are read, and more is an error; a byte order mark is no part of it."""
    (tmp_path / "long").write_text("x" * LONGEST)
    assert credential(tmp_path, '{ file = "long" }') == "x" * LONGEST
    (tmp_path / "long").write_text("x" * (LONGEST + 1))
    with pytest.raises(TargetFileError, match="long is longer than 65536 bytes"):
        credential(tmp_path, '{ file = "long" }')
    (tmp_path / "marked").write_bytes(b"\xef\xbb\xbfabc\r\n")
    assert credential(tmp_path, '{ file = "marked" }') == "abc"


def test_a_command_that_prints_without_end(tmp_path: pathlib.Path) -> None:
    """A command that prints more than a secret can be is ended."""
    with pytest.raises(TargetFileError, match=r"A: the command printed more than 65536 bytes"):
        credential(tmp_path, '{ command = "yes secret-77" }')


@pytest.mark.parametrize("line", ["sleep 60", "sh -c 'sleep 60; true'", "sh -c 'exec >&-; sleep 60'"])
def test_a_command_that_does_not_end(line: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command has its time, also where it has closed its output, or left it to another process."""
    monkeypatch.setattr(sources, "SECONDS", 0.2)
    begun = time.monotonic()
    with pytest.raises(TargetFileError, match="the command did not end within"):
        credential(tmp_path, f'{{ command = "{line}" }}')
    assert time.monotonic() - begun < 30


def test_a_command_reads_nothing(tmp_path: pathlib.Path) -> None:
    """A command's standard input is empty: what is there is for somebody else."""
    with pytest.raises(TargetFileError, match="the command printed nothing"):
        credential(tmp_path, '{ command = "cat" }')


def test_a_command_that_prints_no_text(tmp_path: pathlib.Path) -> None:
    """What a command prints is text."""
    with pytest.raises(TargetFileError, match="what the command printed is no text in UTF-8"):
        credential(tmp_path, """{ command = "printf '\\\\377'" }""")


def test_a_variable_that_is_no_text(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is what stands in the environment."""
    monkeypatch.setitem(os.environb, b"RAW_77", b"\xff")
    with pytest.raises(TargetFileError, match="RAW_77 is no text in UTF-8"):
        credential(tmp_path, '{ env = "RAW_77" }')


DEEP = f"holds more than {DEEPEST} tables and lists in one another"
CONTENTS: dict[str, tuple[str, str]] = {
    "lists": (f"x = {'[' * 5000}{']' * 5000}", DEEP),
    "tables": (f"x = {'{a = ' * 5000}1{'}' * 5000}", DEEP),
    "names": (f"{'.'.join('a' * 5000)} = 1", DEEP),
    "names-in-a-header": (f"[{'.'.join('a' * 5000)}]", DEEP),
    "names-in-quotes": (" . ".join(['"a"'] * 40_000) + " = 1", DEEP),
    "names-in-a-table": (f"x = {{ {'.'.join('a' * 100_000)} = 1 }}", DEEP),
    "names-in-turn": ("[bodies.startDownload]\n" + ".".join("a" * 63) + " = 1", DEEP),
    "a-long-number": (f"x = {'9' * 5000}", "is no TOML: Exceeds the limit"),
    "a-surrogate": ('base_url = "http://h"\nbase_path = "\\ud800"', "is no TOML: "),
    "a-control-character": ('base_url = "http://h"\nbase_path = "\0"', "is no TOML: "),
    "a-null-in-a-path": ('base_url = "http://h"\nbase_path = "/\\u0000"', ":2: base_path: it holds a control"),
    "a-null-in-a-url": ('base_url = "http://h\\u0000"', ":1: base_url: 'http://h\\x00' is no base URL"),
    "a-null-in-a-file": (URL + '[headers]\nA = { file = "a\\u0000" }', ":3: headers.A.file: it holds"),
    "a-null-in-a-command": (URL + '[headers]\nA = { command = "a\\u0000" }', ":3: headers.A.command: it holds"),
    "a-null-in-a-variable": (URL + '[headers]\nA = { env = "a\\u0000" }', ":3: headers.A.env: it holds a control"),
    "a-null-in-an-authority": (URL + 'verify = "a\\u0000"', ":2: verify: it holds a control character"),
    "a-null-in-a-name": (URL + '"a\\u0000\\u001b[31m" = 1', ':2: unknown entry "a\\u0000\\u001b[31m"'),
    "a-null-in-a-header": (URL + '[headers]\n"a\\u0000" = "x"', ':3: headers."a\\u0000": what should be a header'),
    "too-much": ("#" * 2**18 + "\n", "target.toml is longer than 262144 bytes"),
    "no-table-at-all": ("", "base_url is missing"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), CONTENTS.values(), ids=CONTENTS)
def test_contents(text: str, said: str, tmp_path: pathlib.Path) -> None:
    """Whatever a file holds is an error in a sentence that can be printed, soon."""
    with pytest.raises(TargetFileError) as caught:
        given(tmp_path, text, "netapp_ontap")
    assert said in str(caught.value)
    assert caught.value.hint
    assert str(caught.value).replace("\n", "").isprintable()
    assert len(str(caught.value)) < 500


def test_files_that_are_none(tmp_path: pathlib.Path) -> None:
    """A target file that is a device, a pipe, or not in UTF-8 is told for what it is; nothing waits for it."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "utf16").write_bytes('base_url = "http://h"'.encode("utf-16"))
    for name, said in (("/dev/zero", "device or a pipe"), ("pipe", "device or a pipe"), ("utf16", "no text in UTF-8")):
        with pytest.raises(TargetFileError, match=said) as caught:
            read(str(tmp_path / name), view("keycard"))
        assert caught.value.hint == "give a file of text in UTF-8"
        assert not is_insecure(str(tmp_path / name))


def test_a_byte_order_mark(tmp_path: pathlib.Path) -> None:
    """A byte order mark and lines that end as in DOS are no matter."""
    (tmp_path / "target.toml").write_bytes(b'\xef\xbb\xbfbase_url = "http://h"\r\n[limits]\r\nsize = 7\r\n')
    assert read(str(tmp_path / "target.toml"), view("keycard"))[1].limits.size == 7


def test_the_deepest(tmp_path: pathlib.Path) -> None:
    """A body that is as deep as any may be is read."""
    name = ".".join("a" * (DEEPEST - 3))
    assert settings(tmp_path, f"[bodies.startDownload]\n{name} = 1\n", "netapp_ontap").bodies


TEXT = '''
base_url = "x"  # 2
a . "b c" = 1
text = """
[limits]
"""
list = [
  1,
  { z = 2 },
]
[polls]
interval = 1
[[known]]
id = "1"
[known.shows]
"/x" = 2
[[known]]
shows = { "/y" = [3] }
[[known.more]]
[[known.more]]
z = 1
'''


def test_lines() -> None:
    """Each entry has the line where it begins, whatever form it has."""
    found = lines(TEXT)
    assert {dotted(place): line for place, line in found.items()} == {
        "base_url": 2, "a": 3, 'a."b c"': 3, "text": 4, "list": 7, "list[0]": 7, "list[1]": 7, "list[1].z": 7,
        "polls": 11, "polls.interval": 12, "known": 13, "known[0]": 13, "known[0].id": 14, "known[0].shows": 15,
        'known[0].shows."/x"': 16, "known[1]": 17, "known[1].shows": 18, 'known[1].shows."/y"': 18,
        'known[1].shows."/y"[0]': 18, "known[1].more": 19, "known[1].more[0]": 19, "known[1].more[1]": 20,
        "known[1].more[1].z": 21,
    }  # fmt: skip
    assert lines(TEXT.replace("\n", "\r\n")) == found
    assert lines("a = 1\nb = [\n" + "1,\n" * 300 + "]\nc = 2\n") == {("a",): 1}


def test_where(tmp_path: pathlib.Path) -> None:
    """What has no line of its own stands where that stands which holds it."""
    path = tmp_path / "target.toml"
    path.write_text(TEXT)
    file = TomlFile(str(path), "")
    assert file.where(("known", 0, "name")) == f"{path}:13"
    assert file.where(("cert", "file")) == str(path)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a\"b\n\x7fé\u202e", '"a\\"b\\n\\U0000007fé\\U0000202e"'), (True, "true"), (3, "3"), (3.0, "3"), (0.5, "0.5"),
        ([1, None, "x"], '[1, "x"]'),
        ({"a b": 1, "c": {"d": None}, "é": []}, '{ "a b" = 1, c = {}, "é" = [] }'),
    ],
)  # fmt: skip
def test_values_as_toml_writes_them(value: object, written: str) -> None:
    """A value that is shown to be typed is TOML."""
    assert toml(value) == written
