"""The report as JSON; its grammar is report.schema.json, beside this file."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import jsonschema_rs

from pollspec.errors import UsageError
from pollspec.reports.report import Report

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
    grammar = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for wrong in jsonschema_rs.Draft202012Validator(grammar).iter_errors(data):
        place = "/".join(map(str, wrong.instance_path)) or "the file"
        raise UsageError(f"{path} is no report of pollspec: {place}: {str(wrong.message)[:200]}", hint)
    found: dict[str, Any] = data
    return found
