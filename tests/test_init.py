"""`pollspec init` and docs/target-file.md say every entry, and nothing that is not read."""

from __future__ import annotations

import pathlib
import re

import pytest
from click.testing import CliRunner

from pollspec import spec
from pollspec.cli import main
from pollspec.trial.init import target_file
from pollspec.trial.settings import Polls
from pollspec.trial.wire.kinds import From, Table
from pollspec.trial.wire.limits import Limits
from tests.conftest import SIXTH, view
from tests.targetfiles import given
from tests.targettable import table

NAMES = [*spec.names(), SIXTH]
PAGE = (pathlib.Path(__file__).parent.parent / "docs" / "target-file.md").read_text(encoding="utf-8")
WAYS = ("header", "username", "oauth")


def tables(of: type[Table]) -> list[type[Table]]:
    """The models of a target file, but for that of a source."""
    inner = [one for table in of.__subclasses__() for one in (table, *tables(table))]
    return [one for one in inner if one is not From]


def full(text: str, way: str, bodies: str) -> str:
    """A file with each comment taken for an entry, with one way to log in as default, and one form of bodies."""
    kept = []
    section = ""
    for line in re.sub(r"(?m)^# (?=\[{1,2}[\w.-]+\]{1,2} +#|[\w-]+ = )", "", text).splitlines():
        section = line.partition(" ")[0] if line.startswith("[") else section
        default = {"[credentials.default]": "header", "[credentials.default.oauth]": "oauth"}.get(section, way)
        default = "username" if re.match("(username|password) =", line) and "default" in section else default
        body = section if section.startswith(("[bodies", "[[bodies")) else bodies
        if line.startswith("[credentials.default]") or (default == way and body.startswith(bodies)):
            kept.append(line)
    return "\n".join(kept)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: pathlib.Path(name).stem)
def test_what_init_prints(name: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `pollspec init` prints is read without an error, and gives the defaults."""
    text = target_file(name)
    for variable in re.findall(r'env = "(\w+)"', text):
        monkeypatch.setenv(variable, "value-of-it")
    made = given(tmp_path, text, name)[1]
    assert (made.limits, made.polls, made.base_path) == (Limits(), Polls(), None)
    assert bool(made.credentials["default"]) is bool(view(name).credentials["default"])
    assert (made.known, made.subjects, made.bodies, made.crossing, made.malformed) == ([], {}, {}, {}, {})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES, ids=lambda name: pathlib.Path(name).stem)
def test_every_comment_is_an_entry(
    name: str, way: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each comment of it may be taken for an entry, and gives what it says."""
    text = target_file(name)
    for variable in re.findall(r'env = "(\w+)"', text):
        monkeypatch.setenv(variable, "value-of-it")
    for file in ("client.pem", "client.key"):
        text = text.replace(f', key = "{file}"', "").replace(f'# cert = {{ file = "{file}"', '# X = {{ file = "')
    text = re.sub(r"(?m)^# X = .*\n", "", text)
    bodies = "[[bodies" if way == "username" else "[bodies"
    made = given(tmp_path, full(text, way, bodies), name)[1]
    vendor = view(name)
    assert set(made.subjects) == set(vendor.subjects)
    assert ("default" in made.renewals) is (way == "oauth")
    assert {made.kinds[kind] for kind in ("accepted", "refused", "unprivileged", "invalid")} == set(made.kinds) - {
        "default"
    }
    assert (made.limits.rate, made.limits.time, made.polls.lasts) == (5, 600, 1800)
    assert made.headers == {"X-Forwarded-Host": "host"}
    assert [known.name for known in made.known] == ["my-own"]
    assert set(made.bodies) == {one.id for one in vendor.operations.values() if one.bodies}
    leads = {body.leads_to is not None for several in made.bodies.values() for body in several}
    assert leads == ({bodies == "[[bodies"} if made.bodies else set())


def test_every_entry_is_in_init() -> None:
    """`pollspec init` shows every entry that there is."""
    text = target_file("netapp_ontap")
    names = {name for one in tables(Table) for name in one.model_fields} - {"given", "credentials"}
    for name in names:
        assert re.search(rf"(?m)(^|\[|# |\{{ |, |\.){name}\b", text), name


def test_the_page_has_every_entry() -> None:
    """docs/target-file.md holds the table that the models give, and the table each of their entries."""
    assert PAGE.endswith(table())
    for one in tables(Table):
        for name in one.model_fields:
            assert re.search(rf"(?m)^\| `([\w.\[\]]+\.)?{name}` \|", table()), name
    assert "| `limits.pause` | number | `60` | seconds that a Retry-After is waited for at most |\n" in table()
    assert "| `known[].stage` | text | none | the stage of the document that it is in |\n" in table()
    assert '| `credentials.default.oauth.client_auth` | `"basic"` or `"body"` | `"basic"` | ' in table()


def test_the_example_of_the_page(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's example is read as the page says, and its figures of polls are right."""
    monkeypatch.setenv("MONITOR_PASSWORD", "monitor-password")
    (tmp_path / "expired-token").write_text("0123456789")
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    made = given(tmp_path, example, "keycard")[1]
    assert made.credentials["expired"] == {"$request.header.Authorization": "Bearer 0123456789"}
    assert (made.kinds["expired"], made.known[0].stage) == ("refused", "failed")
    for every, lasts, interval, most in re.findall(r"(?m)^\| every (\d+) s \| (\d+) \| ([\d.]+) \| (\d+) s \|$", PAGE):
        polls = Polls(lasts=float(lasts)).paced(float(every))
        assert (polls.every, polls.at_most) == (float(interval), float(most))


SHORT = [("sonar", "logpresso_sonar"), ("ontap", "netapp_ontap"), ("Key", "keycard")]


@pytest.mark.parametrize(("typed", "meant"), SHORT)
def test_a_short_name(typed: str, meant: str) -> None:
    """A part of a vendor's name is no name, and what is meant is said."""
    done = CliRunner().invoke(main, ["init", typed])
    assert done.exit_code == 2
    assert f'did you mean "{meant}"?' in done.output
