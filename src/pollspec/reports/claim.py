"""A claim: what somebody says of a product and a document, as a statement that others can check and sign.

It is an in-toto Statement (v1) about the document, or about what was tested where its digest is given. Its predicate is
in-toto's own for the results of tests; what that has no word for stands under `pollspec`. Its grammar is
claim.schema.json, beside this file.
"""

from __future__ import annotations

import base64
import json
import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from pollspec.errors import UsageError
from pollspec.judge.verdict import Outcome
from pollspec.reports.report import KNOWN, Report, Row
from pollspec.trial.settings import Claimant

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
VERSION = 1
"""Of what stands under `pollspec`."""
SCHEMA = pathlib.Path(__file__).with_name("claim.schema.json")
UNTRIED = (Outcome.NOT_TRIED, Outcome.COULD_NOT_RUN)
WARNING = (Outcome.DEVIATES, KNOWN)


@dataclass(frozen=True)
class Claimed:
    """What a claim is about. `beliefs`: the ids of the document's own; `command`: what was typed, masked."""

    claimant: Claimant
    product_version: str
    document: str
    document_version: str
    beliefs: frozenset[str]
    command: str


def statement(report: Report, claimed: Claimed) -> dict[str, Any]:
    """The claim that a report on one target lets one make."""
    (vendor,) = report.vendors.values()
    document = {"name": vendor.document.rpartition(" ")[0], "digest": _digest(vendor.document_digest)}
    artifact = claimed.claimant.artifact
    tested = {"name": claimed.claimant.product or "_", "digest": _digest(artifact)} if artifact else document
    return {
        "_type": STATEMENT,
        "subject": [tested],
        "predicateType": PREDICATE,
        "predicate": {
            "result": result(report),
            "configuration": [document],
            **tests(report),
            "pollspec": {
                "version": VERSION,
                "claimant": claimed.claimant.name,
                "product": claimed.claimant.product,
                "product_version": claimed.product_version,
                "pollspec": report.pollspec,
                "document": claimed.document,
                "document_version": claimed.document_version,
                "mode": "embedded" if vendor.target == "embedded" else "live",
                "target": vendor.target,
                "date": report.began,
                "seed": report.seed,
                "strict": report.strict,
                "command": claimed.command,
                "counts": report.summary(),
                "deviations": [_deviation(row) for row in report.rows if row.outcome in WARNING],
                "not_tried": [_untried(row) for row in report.rows if row.outcome in UNTRIED],
                "beliefs": {row.id: row.grade for row in report.rows if row.id in claimed.beliefs},
            },
        },
    }


def _digest(text: str) -> dict[str, str]:
    algorithm, _, value = text.partition(":")
    return {algorithm: value}


def result(report: Report) -> str:
    """In in-toto's words: what deviates, is known or was not tried, is a warning."""
    if report.exit_code() != 0:
        return "FAILED"
    warned = any(row.outcome in (*WARNING, *UNTRIED) for row in report.rows)
    return "WARNED" if warned else "PASSED"


def tests(report: Report) -> dict[str, list[str]]:
    """The ids of the beliefs, by what became of them; what was not tried is in none of the lists."""
    found: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for row in report.rows:
        if report.fails(row):
            found["failedTests"].append(row.id)
        elif row.outcome in WARNING:
            found["warnedTests"].append(row.id)
        elif row.outcome == Outcome.KEPT:
            found["passedTests"].append(row.id)
    return found


def _deviation(row: Row) -> dict[str, str]:
    best = next(iter(row.findings), None)
    told = {"expected": best.expected, "actual": best.actual} if best else {}
    return {"id": row.id, "grade": row.grade, **told, **({"known": row.known.reason} if row.known else {})}


def _untried(row: Row) -> dict[str, str]:
    return {"id": row.id, "outcome": row.outcome, "wants": row.wants}


def text(claim: Mapping[str, Any]) -> str:
    """A claim as it is written."""
    return json.dumps(claim, indent=2, ensure_ascii=False) + "\n"


def read(path: str) -> dict[str, Any]:
    """A claim, as it was written or as it was signed; UsageError where the file is none."""
    hint = "give a file that `pollspec test VENDOR --claim FILE` wrote"
    try:
        data = _unsigned(json.loads(pathlib.Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint) from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is no JSON: expected a claim of pollspec", hint) from None
    grammar = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for wrong in jsonschema_rs.Draft202012Validator(grammar).iter_errors(data):
        place = "/".join(map(str, wrong.instance_path)) or "the file"
        raise UsageError(f"{path} is no claim of pollspec: {place}: {str(wrong.message)[:200]}", hint)
    found: dict[str, Any] = data
    return found


def _unsigned(data: Any) -> Any:
    """What is inside an envelope (DSSE), or a bundle of sigstore's with one; anything else as it is."""
    envelope = data.get("dsseEnvelope", data) if isinstance(data, dict) else data
    payload = envelope.get("payload") if isinstance(envelope, dict) else None
    return json.loads(base64.b64decode(payload)) if isinstance(payload, str) else data


def contradictions(claim: Mapping[str, Any]) -> Iterator[str]:
    """What in a claim does not go together."""
    predicate = claim["predicate"]
    own, lists = predicate["pollspec"], [predicate[name] for name in ("passedTests", "warnedTests", "failedTests")]
    passed, warned, failed = map(set, lists)
    untried = {entry["id"] for entry in own["not_tried"]}
    everything = passed | warned | failed | untried
    if sum(map(len, lists)) != len(passed | warned | failed):
        yield "a belief stands in several of its lists"
    if sum(own["counts"].values()) != len(everything):
        yield f"its counts are of {sum(own['counts'].values())} beliefs, its lists of {len(everything)}"
    if lost := sorted(set(own["beliefs"]) - everything):
        yield f"nothing is said of what became of {lost[0]}"
    if (failed and predicate["result"] != "FAILED") or (warned | untried and predicate["result"] == "PASSED"):
        yield f"its result is {predicate['result']}, its lists say otherwise"
