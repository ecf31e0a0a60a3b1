"""The fleet file: what targets share, what is each one's own, and what is said of a wrong entry."""

from __future__ import annotations

import pathlib

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pollspec.cli import main
from pollspec.errors import TargetFileError, UsageError
from pollspec.trial import fleet, targetfile
from pollspec.trial.background import outlined
from pollspec.trial.wire import fleetfile
from pollspec.trial.wire.fleetfile import opened
from tests.conftest import view

FLEET = """
[shared]
verify = false
allow_writes = true
cert = { file = "ours.pem", key = "ours.key" }

[shared.limits]
rate = 5
timeout = 3

[shared.credentials.default]
Authorization = "Bearer shared-token-of-all"

[shared.subjects]
finished = { zone_id = "z1", task_id = "t1" }

[targets.berlin]
base_url = "https://berlin.example:8443/api"

[targets.paris]
base_url = "https://paris.example"
verify = true
cert = { file = "paris.pem" }
limits = { rate = 1 }

[targets.paris.credentials.default]
username = "monitor"
password = { env = "PARIS_PASSWORD" }
"""


@pytest.fixture
def path(tmp_path: pathlib.Path) -> str:
    """A fleet of two."""
    (tmp_path / "fleet.toml").write_text(FLEET, encoding="utf-8")
    return str(tmp_path / "fleet.toml")


def test_a_target_has_what_all_share(path: str) -> None:
    """What a target does not say is the shared entry; FILE#NAME is a target file wherever one is taken."""
    file = opened(f"{path}#berlin", "")
    assert file.content["limits"] == {"rate": 5, "timeout": 3}
    assert file.content["credentials"]["default"] == {"Authorization": "Bearer shared-token-of-all"}
    assert file.content["base_url"] == "https://berlin.example:8443/api"
    assert targetfile.is_insecure(f"{path}#berlin") and not targetfile.is_insecure(f"{path}#paris")


def test_its_own_entries_come_first(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a table each entry is taken by itself, but a certificate is taken whole, with no shared key."""
    file = opened(f"{path}#paris", "")
    assert file.content["limits"] == {"rate": 1, "timeout": 3}
    assert file.content["cert"] == {"file": "paris.pem"}
    assert set(file.content["credentials"]["default"]) == {"username", "password"}
    monkeypatch.setenv("PARIS_PASSWORD", "a-long-password")
    url = "https://paris.example"
    assert fleet.members(path)[1] == fleet.Member("paris", f"{path}#paris", url, "paris.example", False)


def test_lines_are_those_of_the_fleet_file(path: str) -> None:
    """An error names the line where the entry stands, be it shared or the target's own."""
    file, lines = opened(f"{path}#paris", ""), FLEET.splitlines()
    for place, text in (
        (("allow_writes",), "allow_writes = true"),
        (("verify",), "verify = true"),
        (("limits", "rate"), "limits = { rate = 1 }"),
        (("limits", "timeout"), "timeout = 3"),
        (("credentials", "default", "password"), 'password = { env = "PARIS_PASSWORD" }'),
        (("cert", "key"), 'cert = { file = "paris.pem" }'),
    ):
        assert lines[file.line(place) - 1] == text, place


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[target.a]", "unknown entry target in a fleet file"),
        ("[shared]\nverify = true", "has no target"),
        ("targets = 3", "targets is of another kind, expected a table"),
        ("[targets]\na = 3", "targets is of another kind, expected a table"),
        ('[targets."a b"]', "is no name"),
        ("[targets.a]\nbase_url = 'x'", "'x' is no base URL"),
        ("[targets.a]", "base_url is missing"),
        ("[shared]\nlimit = {}\n[targets.a]\nbase_url = 'http://a'", ":2: unknown entry limit"),
        ("[targets.a]\nbase_url = 'http://a'\nsubjects.finnished = 'x'", ":3: unknown entry subjects.finnished"),
    ],
)
def test_wrong_entries(content: str, said: str, tmp_path: pathlib.Path) -> None:
    """A wrong entry of any target is told before anything is sent, with its line."""
    (tmp_path / "fleet.toml").write_text(content, encoding="utf-8")
    done = CliRunner().invoke(main, ["test", "keycard", "--targets", str(tmp_path / "fleet.toml")])
    assert done.exit_code == 2 and said in done.output, done.output


def test_what_to_type_for_one_target(path: str) -> None:
    """A fleet file given as a target file, and a name that is not in it, are errors that say what to type."""
    with pytest.raises(TargetFileError, match="is a file of several targets") as raised:
        targetfile.read(path, view("keycard"))
    assert raised.value.hint == f"--targets {path}, or --target {path}#berlin"
    with pytest.raises(TargetFileError, match="has no target 'pari'") as raised:
        targetfile.read(f"{path}#pari", view("keycard"))
    assert "paris" in raised.value.hint


def test_a_file_may_have_a_sharp_in_its_name(tmp_path: pathlib.Path) -> None:
    """A target file that is called so is read as it is."""
    (tmp_path / "a#b").write_text('base_url = "http://a.example"', encoding="utf-8")
    assert targetfile.read(str(tmp_path / "a#b"), view("keycard"))[0] == "http://a.example"


@given(st.integers(0, 60), st.integers(1, 12))
def test_shards_are_a_partition(many: int, of: int) -> None:
    """Each target is in one shard of a number of them, and no two shards differ by more than one target."""
    shards = [fleet.shard(range(many), f"{number}/{of}") for number in range(1, of + 1)]
    assert sorted(item for one in shards for item in one) == list(range(many))
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


@pytest.mark.parametrize("wanted", ["0/2", "3/2", "1/0", "2", "a/b", "-1/2", "1/2/3", ""])
def test_what_is_no_shard(wanted: str) -> None:
    """A shard is a number and how many there are."""
    with pytest.raises(UsageError, match="expected NUMBER/OF"):
        fleet.shard([1], wanted)


def test_secrets_of_all_targets(path: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file, the environment and other files hold is masked; a command is not run, a name is no secret."""
    (tmp_path / "own").write_text("text-of-a-file\n", encoding="utf-8")
    monkeypatch.setenv("PARIS_PASSWORD", "password-of-paris")
    more = f"""
[targets.rome]
base_url = "https://rome.example"
[targets.rome.headers]
X-Own = {{ file = "own" }}
Accept = "application/json"
X-Made = {{ command = "touch {tmp_path / "made"}" }}
"""
    (tmp_path / "fleet.toml").write_text(FLEET + more, encoding="utf-8")
    told = "shared-token-of-all password-of-paris text-of-a-file monitor application/json"
    assert fleet.secrets(path).mask(told) == (
        "<secret of berlin> <secret of paris> <secret of rome> monitor application/json"
    )
    assert not (tmp_path / "made").exists()


def test_a_fleet_is_looked_at_without_its_secrets(path: str, tmp_path: pathlib.Path) -> None:
    """What is believed of a target's own data is known where its secrets, its certificates and files are not."""
    more = f"""
[targets.rome]
base_url = "https://rome.example"
verify = "nowhere.pem"
cert.file = "nowhere.pem"
credentials.default.oauth = {{ token_url = "https://t.example", client_id = {{ env = "NO_SUCH" }}, client_secret = {{ \
command = "touch {tmp_path / "made"}" }}, verify = "nowhere.pem" }}
[[targets.rome.known]]
name = "mine"
zone_id = {{ file = "nowhere" }}
task_id = "t9"
stage = "failed"
""".replace("\\\n", "")
    (tmp_path / "fleet.toml").write_text(FLEET + more, encoding="utf-8")
    targets = fleetfile.fleet(path).targets
    ids = {name: {belief.id for belief in outlined(view("keycard"), file).beliefs} for name, file in targets.items()}
    assert "keycard/getTask/answers/mine" in ids["rome"] - ids["berlin"]
    assert "keycard/getTask/accepts/finished" in ids["berlin"]
    assert not (tmp_path / "made").exists()
