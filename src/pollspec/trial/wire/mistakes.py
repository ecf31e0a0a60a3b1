"""What is said of a target file that pydantic does not take: which entry, what was given and expected, what to type."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pollspec.errors import TargetFileError
from pollspec.trial.wire.entries import TargetEntries
from pollspec.trial.wire.kinds import Table
from pollspec.trial.wire.tomlfile import Place, TomlFile, dotted, key, toml

ABOVE = "a number above 0, up to a billion"
SHOWN = {
    "bool_type": "true or false", "string_type": "a text", "int_type": "a whole number", "float_type": "a number",
    "greater_than_equal": ABOVE, "less_than_equal": ABOVE, "finite_number": ABOVE, "literal_error": "{expected}",
    "string_pattern_mismatch": "letters, digits, dots, dashes (a digest: sha256: and 64 hexadecimal digits)",
}  # fmt: skip
"""What was expected, where what was given may be shown: no secret stands there."""


def checked(file: TomlFile) -> TargetEntries:
    """The entries of a file; TargetFileError about the first that is wrong."""
    try:
        return TargetEntries.model_validate(file.content)
    except ValidationError as error:
        found = error.errors(include_url=False)
    raise _mistake(file, found)


def _mistake(file: TomlFile, found: list[ErrorDetails]) -> TargetFileError:
    placed = [(_place(file.content, one), one) for one in found]
    place, first = min(placed, key=lambda one: (file.line(one[0]), one[1]["type"] in SHOWN))
    said, name = first.get("ctx", {}), str(place[-1])
    match first["type"]:
        case "unknown":
            return file.error(place, "unknown entry {}", said["hint"])
        case "missing":
            return file.error(place, "{} is missing", _example(name))
        case "told":
            return file.error(place, f"{{}}: {said['text']}", said["hint"])
        case "sort":
            return file.error(place, f"{{}} {first['msg']}", _example(name))
    wanted = dict.fromkeys(_wanted(one) for where, one in placed if where == place)
    plain = first["type"] in SHOWN
    shown, hint = (reprlib.repr(first["input"]), _example(name)) if plain else ("of another kind", f"[{dotted(place)}]")
    return file.error(place, f"{{}} is {shown}, expected {' or '.join(wanted)}", hint)


def _wanted(error: ErrorDetails) -> str:
    said = error.get("ctx", {})
    if said.get("ge") == 0:
        return "a whole number, 0 or more"
    return (
        SHOWN.get(error["type"], "a list" if error["type"] == "list_type" else "a table")
        .format_map(said)
        .replace("'", "")
    )


def _place(content: Any, error: ErrorDetails) -> Place:
    """Where an error stands in the file: pydantic's place has words of its own in it."""
    place: Place = ()
    for token in error["loc"]:
        within = token in content if isinstance(content, dict) else isinstance(content, list) and isinstance(token, int)
        content, place = (content[token], (*place, token)) if within else (content, place)
    if error["type"] == "missing":
        return (*place, error["loc"][-1])
    return (*place, error["ctx"]["entry"]) if error["type"] == "unknown" else place


def _example(name: str) -> str:
    """What to type for an entry: the example that `pollspec init` shows."""
    for table in _tables(Table):
        if name in table.model_fields and (examples := table.model_fields[name].examples):
            return f"{name} = {toml(examples[0])}"
    return f'{key(name)} = {{ env = "NAME" }}'


def _tables(table: type[Table]) -> Iterator[type[Table]]:
    for inner in table.__subclasses__():
        yield inner
        yield from _tables(inner)
