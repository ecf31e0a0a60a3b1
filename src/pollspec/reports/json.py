"""The report as JSON; its grammar is report.schema.json, beside this file."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import msgspec

from pollspec.errors import UsageError
from pollspec.judge.verdict import Outcome
from pollspec.reports.report import VERSION, Report, Row, VendorRow

SCHEMA = pathlib.Path(__file__).with_name("report.schema.json")


def text(report: Report) -> str:
    """The whole report."""
    return json.dumps(report.as_data(), indent=2, ensure_ascii=False) + "\n"


def read(path: str) -> dict[str, Any]:
    """A report's data; UsageError if the file is none."""
    hint = "give a file that `pollspec test --report json=FILE` wrote"
    try:
        data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint) from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is no JSON: expected a report of pollspec", hint) from None
    version = data.get("version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise UsageError(
            f"{path} is a report of version {version}, this pollspec reads up to {VERSION}", "take a newer one"
        )
    grammar = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for wrong in jsonschema_rs.Draft202012Validator(grammar).iter_errors(data):
        place = "/".join(map(str, wrong.instance_path)) or "the file"
        raise UsageError(f"{path} is no report of pollspec: {place}: {str(wrong.message)[:200]}", hint)
    found: dict[str, Any] = data
    return found


def typed(data: Mapping[str, Any]) -> Report:
    """A report again, from its data."""
    rows = msgspec.convert(data["rows"], list[Row])
    untried = {row["id"] for row in data["rows"] if row["fails"] and row["outcome"] == Outcome.NOT_TRIED}
    return Report(
        data["pollspec"],
        data["seed"],
        data["strict"],
        vendors=msgspec.convert(data["vendors"], dict[str, VendorRow]),
        rows=rows,
        began=data["began"],
        finished=data["finished"],
        required=frozenset(data.get("required", untried)),
        shard=data.get("shard", ""),
    )
