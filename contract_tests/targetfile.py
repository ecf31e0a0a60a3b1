"""The target file (TOML): where a server is, and what may be asked of it. Unknown entries are errors."""

from __future__ import annotations

import os
import pathlib
import shlex
import subprocess
import tomllib
import urllib.parse
from collections.abc import Mapping
from typing import Any

from . import expressions
from .errors import TargetFileError, nearest
from .masks import Masks
from .target import Given, Polls, Settings
from .transports import Limits
from .vendor import Vendor

ENTRIES = {
    "base_url": str, "base_path": str, "allow_writes": bool, "try_wrong_logins": bool, "verify": (bool, str),
    "credentials": dict, "subjects": dict, "bodies": dict, "polls": dict, "limits": dict,
}  # fmt: skip
POLLS = {"interval": (int, float), "at_most": (int, float), "after_end": int}
LIMITS = {"timeout": (int, float), "size": int, "requests": int, "rate": (int, float)}
CREDENTIALS = ("default", "unprivileged", "invalid")
SOURCES = ("env", "file", "command")
COMMAND_SECONDS = 60


def read(path: str, vendor: Vendor) -> tuple[str, Settings, Masks]:
    """The base URL, the settings, and the secrets they hold."""
    try:
        content = tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise TargetFileError(
            f"{path} cannot be read: {error.strerror}", f"pollspec init {vendor.slug} > {path}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetFileError(f"{path} is no TOML: {error}", "mend the line and run again") from None
    return _File(path, vendor, content).settings()


class _File:
    def __init__(self, path: str, vendor: Vendor, content: dict[str, Any]) -> None:
        self.path, self.vendor, self.content, self.masks = path, vendor, content, Masks()

    def settings(self) -> tuple[str, Settings, Masks]:
        self._check("", self.content, ENTRIES)
        if "base_url" not in self.content:
            raise TargetFileError(f"{self.path}: base_url is missing", 'base_url = "https://host"')
        polls = self._check("polls.", self.content.get("polls", {}), POLLS)
        limits = self._check("limits.", self.content.get("limits", {}), LIMITS)
        url = check_url(self.content["base_url"])
        own_path = urllib.parse.urlsplit(url).path.rstrip("/") or None
        settings = Settings(
            credentials=self._credentials(),
            subjects=self._subjects(),
            bodies=self._bodies(),
            base_path=self.content.get("base_path", own_path),
            allow_writes=self.content.get("allow_writes", False),
            try_wrong_logins=self.content.get("try_wrong_logins", True),
            polls=Polls(polls.get("interval"), polls.get("at_most"), polls.get("after_end", Polls.after_end)),
            limits=Limits(**{name: limits[name] for name in limits}),
            verify=self.content.get("verify", True),
        )
        return url, settings, self.masks

    def _check(self, prefix: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
        for name, value in given.items():
            if name not in known:
                raise TargetFileError(f"{self.path}: unknown entry {prefix}{name}", nearest(name, known))
            kinds = known[name] if isinstance(known[name], tuple) else (known[name],)
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                wanted = " or ".join(kind.__name__ for kind in kinds)
                raise TargetFileError(
                    f"{self.path}: {prefix}{name} is {value!r}, expected {wanted}", "pollspec init shows an example"
                )
            if kinds[-1] in {int, float} and value <= (-1 if name == "after_end" else 0):
                raise TargetFileError(
                    f"{self.path}: {prefix}{name} is {value!r}, expected a positive number", "mend the line"
                )
        return given

    def _credentials(self) -> dict[str, Mapping[str, str]]:
        found: dict[str, Mapping[str, str]] = {
            name: self.vendor.credentials[name] for name in self.vendor.credentials if name == "invalid"
        }
        for name, headers in self.content.get("credentials", {}).items():
            if name not in CREDENTIALS:
                raise TargetFileError(f"{self.path}: unknown credential {name!r}", nearest(name, CREDENTIALS))
            if not isinstance(headers, dict):
                raise TargetFileError(
                    f"{self.path}: credentials.{name} is no table of headers", f"[credentials.{name}]"
                )
            found[name] = {
                f"$request.header.{header}": self._value(f"credentials.{name}.{header}", value)
                for header, value in headers.items()
            }
        found.setdefault("default", {})
        return found

    def _value(self, place: str, value: Any) -> str:
        """A secret: a text, or a table that says where it comes from."""
        if isinstance(value, str):
            return value
        if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in SOURCES:
            raise TargetFileError(
                f"{self.path}: {place} is no text and names no source", f'{place.split(".")[-1]} = {{ env = "NAME" }}'
            )
        ((source, name),) = value.items()
        if source == "env":
            if name not in os.environ:
                raise TargetFileError(f"{self.path}: {place}: the environment has no {name}", f"export {name}=...")
            return os.environ[name]
        if source == "file":
            try:
                return pathlib.Path(name).expanduser().read_text(encoding="utf-8").strip()
            except OSError as error:
                raise TargetFileError(
                    f"{self.path}: {place}: {name} cannot be read: {error.strerror}", "give a readable file"
                ) from None
        return self._printed(place, name)

    def _printed(self, place: str, command: str) -> str:
        try:
            done = subprocess.run(
                shlex.split(command), capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise TargetFileError(
                f"{self.path}: {place}: the command cannot run: {type(error).__name__}", "run it by hand"
            ) from None
        if done.returncode or not done.stdout.strip():
            raise TargetFileError(
                f"{self.path}: {place}: the command ended with {done.returncode} and printed nothing of use",
                "run it by hand",
            )
        return done.stdout.strip()

    def _subjects(self) -> dict[str, list[Given]]:
        found = {}
        for name, value in self.content.get("subjects", {}).items():
            if name not in self.vendor.subjects:
                raise TargetFileError(f"{self.path}: unknown subject {name!r}", nearest(name, self.vendor.subjects))
            several = value if isinstance(value, list) else [value]
            found[name] = [self._given(name, one) for one in several]
        return found

    def _given(self, name: str, value: Any) -> Given:
        """An identifier, by the document's parameters: a text for the only one, or a table of them."""
        wanted = {expressions.parse(text).name: text for text in self.vendor.subjects[name].given}
        headers = {text for texts in self.vendor.credentials.values() for text in texts}
        if isinstance(value, dict) and set(value) <= {"command"} and value:
            value = self._printed(f"subjects.{name}", value["command"])
        needed = [short for short, text in wanted.items() if text not in headers]
        if isinstance(value, bool) and value and not needed:
            return {}
        if isinstance(value, str | int) and not isinstance(value, bool) and len(needed) == 1:
            return {wanted[needed[0]]: value}
        if isinstance(value, dict) and set(value) == set(needed):
            return {wanted[short]: inner for short, inner in value.items()}
        example = "true" if not needed else "{ " + ", ".join(f'{short} = "..."' for short in needed) + " }"
        raise TargetFileError(f"{self.path}: subjects.{name} is {value!r}, expected {example}", f"{name} = {example}")

    def _bodies(self) -> dict[str, Any]:
        found = {}
        known = {name for name, operation in self.vendor.operations.items() if operation.bodies}
        for name, body in self.content.get("bodies", {}).items():
            if name not in known:
                raise TargetFileError(f"{self.path}: unknown operation {name!r} under bodies", nearest(name, known))
            if body:
                found[name] = {field: self._field(name, field, value) for field, value in body.items()}
        return found

    def _field(self, operation: str, field: str, value: Any) -> Any:
        sourced = isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SOURCES
        text = self._value(f"bodies.{operation}.{field}", value) if sourced else value
        if sourced or f"$request.body#/{field}" in self._secret_fields():
            self.masks.add(str(text), field)
        return text

    def _secret_fields(self) -> set[str]:
        return {belief.says["field"] for belief in self.vendor.beliefs if belief.keyword == "keeps-secret"}


def check_url(url: str) -> str:
    """A base URL without its query; TargetFileError for anything that is none."""
    parts = urllib.parse.urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == -1 or any(c.isspace() for c in url):
        raise TargetFileError(
            f"{url!r} is no base URL: expected http:// or https:// and a host", "for example https://host:8443"
        )
    if parts.username or parts.password:
        raise TargetFileError("the base URL holds a user name or a password", "put them under [credentials.default]")
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
