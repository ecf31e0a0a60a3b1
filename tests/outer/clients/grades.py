"""The public clients' grades as a table in docs/grading.md: python -m tests.outer.clients.grades [--write]

Needs the extra `clients`, and the client for Node.js where NODE_PATH says.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parents[2] / "docs" / "grading.md"
BEGIN, END = "<!-- clients: written by tests/outer/clients/grades.py -->\n", "<!-- end of the clients -->\n"
ITSELF, LOOP = "polls by itself", "has no poller: the plainest loop stands around it"


@dataclass(frozen=True)
class Client:
    """One client. `name`, `version`: of its package; `polls`: who does; `command`: what is graded."""

    vendor: str
    name: str
    version: str
    polls: str
    command: tuple[str, ...]


def python(vendor: str, name: str, word: str, polls: str) -> Client:
    """A client for Python."""
    command = (sys.executable, str(HERE / "graded.py"), word)
    return Client(vendor, name, importlib.metadata.version(name), polls, command)


def clients() -> list[Client]:
    """All of them."""
    package = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    name, version = next(iter(package["dependencies"].items()))
    return [
        python("ibm_qradar", "qradar4py", "qradar4py", LOOP),
        python("keycard", "keycardai-api", "keycardai_api", LOOP),
        python("netapp_ontap", "netapp-ontap", "netapp_ontap", ITSELF),
        python("rocket_chat", "rocketchat-API", "rocketchat_api", LOOP),
        Client("rocket_chat", name, version, LOOP, ("node", str(HERE / "graded.cjs"))),
    ]


def grades(client: Client) -> dict[str, dict[str, Any]]:
    """The rows of a client's report, by the requirement."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        words = ["grade", client.vendor, "--report", f"json={path}", "--", *client.command]
        subprocess.run([sys.executable, "-m", "pollspec", *words], check=False, stdout=subprocess.DEVNULL)
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return {row["id"].rpartition("/")[2]: row for row in rows}


def table(found: dict[str, tuple[Client, dict[str, dict[str, Any]]]]) -> Iterator[str]:
    """The clients, and what not all of them keep."""
    yield from ("| client | of | | kept |", "|---|---|---|---:|")
    for name, (client, rows) in found.items():
        kept = sum(row["outcome"] == "kept" for row in rows.values())
        yield f"| {name} {client.version} | {client.vendor} | {client.polls} | {kept} of {len(rows)} |"
    names = dict.fromkeys(row for _, rows in found.values() for row in rows)
    outcomes = {name: {rows[name]["outcome"] for _, rows in found.values() if name in rows} for name in names}
    told = [name for name, met in outcomes.items() if met != {"kept"}]
    yield from ("", f"| what not all keep | {' | '.join(found)} |", f"|---|{'---|' * len(found)}")
    for name in told:
        cells = [rows[name]["outcome"] if name in rows else "" for _, rows in found.values()]
        yield f"| `{name}` | {' | '.join(cells)} |"


def main() -> int:
    """Compare the table, or write it; the exit code."""
    found = {client.name: (client, grades(client)) for client in clients()}
    before = PAGE.read_text(encoding="utf-8")
    after = before.partition(BEGIN)[0] + BEGIN + "\n".join(table(found)) + "\n" + END + before.partition(END)[2]
    if "--write" in sys.argv:
        PAGE.write_text(after, encoding="utf-8")
        return 0
    sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), after.splitlines(True), "is", "would be"))
    return int(before != after)


if __name__ == "__main__":
    raise SystemExit(main())
