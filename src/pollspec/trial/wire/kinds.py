"""The kinds of values in a target file: what pydantic takes, and what is said of anything else."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from pollspec.errors import PollspecError, UsageError, nearest
from pollspec.trial.wire.sources import CONTROL

SOURCES = ("env", "file", "command")
LEAST, MOST = 1e-6, 10**9
"""Of any number; TOML knows inf and nan as well."""
INERT = r"""'[^']*'|\\.|(?<=c )"(?:\\.|[^"\\])*+\""""
"""What a shell leaves as it is: single quotes, an escaped character; and what is handed to `sh -c`."""
QUOTED = rf"""{INERT}|"(?:\\.|[^"\\])*+\""""
OPERATOR = re.compile(r"\||(?:^|\s)(?:[&;]+|\d?[<>]\S*)(?=\s|$)|;(?=\s|$)|(?:^|\s)~")
EXPANDED = re.compile(r"\$[({A-Za-z_]|`")


def source_of(value: object) -> str | None:
    """The word by which a value says where a text comes from; None for any other value."""
    if not isinstance(value, dict) or not set(value) <= {*SOURCES, "prefix"}:
        return None
    words = [word for word in SOURCES if word in value]
    return words[0] if len(words) == 1 else None


def sort_of(value: object) -> str | None:
    """What sort of a value this is; None for what JSON does not know: a date, a time, inf, nan."""
    match value:
        case str():
            return "text"
        case bool():
            return "flag"
        case int():
            return "number"
        case float():
            return "fraction" if math.isfinite(value) else None
        case dict():
            return "source" if source_of(value) else "table"
        case list():
            return "list"
    return None


def checked(check: Callable[[str], object], hint: str = "") -> AfterValidator:
    """A validator from a function that raises an error of ours."""

    def validate(text: str) -> str:
        try:
            check(text)
        except PollspecError as error:
            raise PydanticCustomError("told", "{text}", {"text": error.args[0], "hint": hint or error.hint}) from None
        return text

    return AfterValidator(validate)


def on_one_line(text: str) -> None:
    """UsageError for a text with a control character."""
    if CONTROL.search(text):
        raise UsageError("it holds a control character", "write it as one line of text")


def without_shell(command: str) -> None:
    """UsageError for a command line that only a shell understands; it names the sign alone."""
    if found := OPERATOR.search(re.sub(QUOTED, "x", command)) or EXPANDED.search(re.sub(INERT, "x", command)):
        sign = found[0].strip()[:2]
        raise UsageError(f"it runs without a shell, which {sign!r} needs", "command = \"sh -c '...'\"")


def one_or_more(value: Any) -> Any:
    """A list; of one, where a single value is given."""
    return value if isinstance(value, list) else [value]


class Table(BaseModel):
    """A table of the file: each entry in it is known, and of its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _names(cls, given: Any) -> Any:
        if isinstance(given, dict) and cls.model_config.get("extra") == "forbid":
            for name in (name for name in given if name not in cls.model_fields):
                said = {"entry": name, "hint": nearest(name, cls.model_fields)}
                raise PydanticCustomError("unknown", "unknown", said)
        return given


Word = Annotated[str, checked(on_one_line)]
Number = Annotated[float, Field(ge=LEAST, le=MOST, allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=1, le=MOST)]


class From(Table):
    """Where a text comes from: one of three, and what stands before it."""

    env: Word | None = None
    file: Word | None = None
    command: Annotated[Word, checked(without_shell)] | None = None
    prefix: Word = ""

    @property
    def named(self) -> tuple[str, str]:
        """Which of the three, and its name."""
        return next((word, name) for word in SOURCES if (name := getattr(self, word)) is not None)

    @property
    def changes(self) -> bool:
        """Whether it may give another text while a run goes on."""
        return self.env is None


Text = Annotated[str, Tag("text")]
Sourced = Annotated[From, Tag("source")]
Integer = Annotated[int, Tag("number")]
NO_TEXT = f"is no text and names no source ({', '.join(SOURCES)})"
NO_VALUE = f"is neither a text nor a whole number, and names no source ({', '.join(SOURCES)})"
NO_JSON = "is nothing that JSON knows: a text, a number, true or false, a list, a table"
Secret = Annotated[Text | Sourced, Discriminator(sort_of, "sort", NO_TEXT)]
Value = Annotated[Text | Integer | Sourced, Discriminator(sort_of, "sort", NO_VALUE)]
Values = Annotated[list[Value], BeforeValidator(one_or_more)]
Flag = Annotated[bool, Tag("flag")]
Fraction = Annotated[float, Tag("fraction")]
Items = TypeAliasType("Items", "Annotated[list[Json], Tag('list')]")
Fields = TypeAliasType("Fields", "Annotated[dict[str, Json], Tag('table')]")
Json = TypeAliasType(
    "Json",
    "Annotated[Text | Integer | Flag | Fraction | Sourced | Items | Fields, Discriminator(sort_of, 'sort', NO_JSON)]",
)
