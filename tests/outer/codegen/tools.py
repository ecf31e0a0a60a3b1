"""The tools. Each makes something of a document in a folder, and says what is wrong with that; "" where nothing is."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pollspec.document.expressions import parse
from pollspec.document.vendor import Vendor
from tests.outer.bench import servers
from tests.outer.codegen.samples import samples

SCRIPTS = pathlib.Path(sys.executable).parent
PATIENCE = 300
LONGEST = 160
"""Characters of what a tool says that the page shows."""


@dataclass(frozen=True)
class Place:
    """Where a document's things are made: its file, a folder of its own, and that of npm's commands."""

    vendor: Vendor
    document: pathlib.Path
    folder: pathlib.Path
    npm: pathlib.Path

    def run(self, command: Sequence[str | pathlib.Path]) -> tuple[int, str]:
        """A command's exit code and what it said."""
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"},
        )
        return done.returncode, done.stdout + done.stderr


SKIPPED = ["--skip-rule=struct-extra", "--skip-rule=operation-4xx-response"]
"""A page that documents no refusal has none."""

Tool = Callable[[Place], str]


def _of(ran: tuple[int, str]) -> str:
    """The end of what a command said where it failed."""
    code, said = ran
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return "" if code == 0 else (lines[-1][:LONGEST] if lines else f"exit code {code}")


def openapi_typescript(place: Place) -> str:
    """Types, and each sample given to its type, under tsc --strict."""
    types = place.folder / "types.ts"
    if wrong := _of(place.run([place.npm / "openapi-typescript", place.document, "-o", types])):
        return wrong
    lines = ['import type { components } from "./types";']
    for number, one in enumerate(samples(place.vendor)):
        kind = f'components["schemas"]["{one.schema}"]'
        lines.append(f"export const sample{number}: {kind} = {json.dumps(one.body)};")
    (place.folder / "samples.ts").write_text("\n".join(lines), encoding="utf-8")
    return _typescript(place, [types, place.folder / "samples.ts"])


def _typescript(place: Place, files: Sequence[pathlib.Path]) -> str:
    strict = ["--strict", "--noEmit", "--target", "es2020", "--lib", "es2020,dom", "--module", "esnext"]
    return _of(place.run([place.npm / "tsc", *strict, "--moduleResolution", "bundler", *files]))


def openapi_python_client(place: Place) -> str:
    """A client, whose models read each sample."""
    made: list[str | pathlib.Path] = [
        "generate",
        "--path",
        place.document,
        "--meta",
        "none",
        "--output-path",
        place.folder / "opc",
    ]
    code, said = place.run([SCRIPTS / "openapi-python-client", *made, "--overwrite"])
    if code or "WARNING" in said or "ERROR" in said:
        return _of((1, "\n".join(line for line in said.splitlines() if "openapi-generators/" not in line)))
    return _read(place, "opc.models", "from_dict(one)")


def _read(place: Place, module: str, call: str) -> str:
    """Whether a generated model reads each sample; in a process of its own."""
    (place.folder / "samples.json").write_text(json.dumps(samples(place.vendor)), encoding="utf-8")
    script = f"import json, {module} as m\nfor name, one in json.load(open('samples.json')): getattr(m, name).{call}"
    return _of(place.run([sys.executable, "-c", script]))


def _generator(language: str, *more: str) -> Callable[[Place, str], str]:
    def make(place: Place, folder: str) -> str:
        given: list[str | pathlib.Path] = ["-i", place.document, "-g", language, "-o", place.folder / folder, *more]
        code, said = place.run([SCRIPTS / "openapi-generator-cli", "generate", *given])
        return _of((code, said)) if code else ""

    return make


def generator_python(place: Place) -> str:
    """A client, whose models read each sample."""
    wrong = _generator("python", "--package-name", "og")(place, "og_python")
    if wrong:
        return wrong
    shutil.copytree(place.folder / "og_python" / "og", place.folder / "og", dirs_exist_ok=True)
    return _read(place, "og", "from_dict(one)")


def generator_typescript(place: Place) -> str:
    """A client for fetch, under tsc --strict."""
    wrong = _generator("typescript-fetch")(place, "og_typescript")
    return wrong or _typescript(place, [place.folder / "og_typescript" / "index.ts"])


def generator_java(place: Place) -> str:
    """A client."""
    return _generator("java", "--library", "native")(place, "og_java")


def generator_go(place: Place) -> str:
    """A client; formatted by gofmt where there is one."""
    wrong = _generator("go")(place, "og_go")
    gofmt = shutil.which("gofmt")
    return wrong or (_of(place.run([gofmt, "-l", place.folder / "og_go"])) if gofmt else "")


def redocly(place: Place) -> str:
    """No error, and how many warnings."""
    code, said = place.run([place.npm / "redocly", "lint", *SKIPPED, place.document])
    warned = re.search(r"(\d+) warnings?", said)
    return _of((code, said)) or (f"{warned[1]} warnings" if warned else "")


def spectral(place: Place) -> str:
    """No error, and no warning."""
    rules = place.folder / "rules.yaml"
    rules.write_text('extends: ["spectral:oas"]', encoding="utf-8")
    return _of(
        place.run([place.npm / "spectral", "lint", "--ruleset", rules, "--quiet", "-F", "error", place.document])
    )


def prism(place: Place) -> str:
    """It serves: a printed answer to whoever accepts anything."""
    with servers.prism(place.vendor, place.npm / "prism", place.folder) as (url, _):
        target = servers.bare_question(place.vendor).target
        _, told = place.run(["curl", "-s", "-o", "answer", "-w", "%{http_code}", *_signed(place), f"{url}{target}"])
    return "" if told == "200" else f"answers {told}"


def _signed(place: Place) -> list[str]:
    given = {parse(text).name: value for text, value in place.vendor.credentials.get("default", {}).items()}
    return [word for name, value in given.items() for word in ("-H", f"{name}: {value}")]


TOOLS: dict[str, Tool] = {
    "openapi-typescript 7, tsc --strict": openapi_typescript,
    "openapi-python-client 0.29": openapi_python_client,
    "openapi-generator 7.26: python": generator_python,
    "openapi-generator 7.26: typescript-fetch, tsc --strict": generator_typescript,
    "openapi-generator 7.26: java": generator_java,
    "openapi-generator 7.26: go": generator_go,
    "Redocly 2": redocly,
    "Spectral 6": spectral,
    "Prism 5": prism,
}
"""Name -> tool."""
