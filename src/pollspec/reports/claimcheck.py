"""`pollspec claim check`: whether a claim holds together, and whether it is about the document of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pollspec import spec
from pollspec.document.diff import compared
from pollspec.document.diff import read as read_document
from pollspec.document.vendor import Vendor
from pollspec.errors import UsageError
from pollspec.printing import printable
from pollspec.reports import claim


def check(path: str, document: str | None, old: str | None) -> tuple[str, int]:
    """What is to be said of a claim, and the exit code. `document`: that of today; `old`: that of the claim."""
    made = claim.read(path)
    name = document or made["predicate"]["pollspec"]["document"]
    if document is None and name not in spec.names():
        raise UsageError(f"{path} is about {name}, a document of one's own", "give that of today: --document PATH")
    today = read_document(name)
    wrong = list(claim.contradictions(made))
    claimed = f"sha256:{made['predicate']['configuration'][0]['digest']['sha256']}"
    same = claimed == today.document.digest
    told = list(_same(made, today)) if same else list(_changed(made, today, _old(old, claimed)))
    lines = [*_facts(made), *(f"it contradicts itself: {one}" for one in wrong), *told]
    good = same and not wrong and made["predicate"]["result"] != "FAILED"
    return printable("\n".join(lines)), 0 if good else 1


def _facts(made: Mapping[str, Any]) -> Iterator[str]:
    """Who claims what."""
    predicate, own = made["predicate"], made["predicate"]["pollspec"]
    product = " ".join(word for word in (own["product"] or "a product", own["product_version"]) if word)
    counts = ", ".join(f"{number} {outcome}" for outcome, number in own["counts"].items() if number)
    yield f"{own['claimant'] or 'somebody'} claims of {product}: {predicate['result']}"
    yield f"  document   {own['document']} {own['document_version']}"
    yield f"  tested     {own['target']}, {own['date']}, by pollspec {own['pollspec']}"
    yield f"  beliefs    {counts}"
    yield from (f"  deviates   {entry['id']}" for entry in own["deviations"])
    yield f"  command    {own['command']}"
    yield "signatures are not checked here: cosign verify-blob-attestation does that"


def _same(made: Mapping[str, Any], today: Vendor) -> Iterator[str]:
    spoken, known = set(made["predicate"]["pollspec"]["beliefs"]), {belief.id for belief in today.beliefs}
    yield f"the document is that of today: {today.document.path}"
    if known - spoken:
        yield f"it speaks of {len(spoken & known)} of the document's {len(known)} beliefs"
    if spoken - known:
        yield f"it speaks of {sorted(spoken - known)[0]}, which the document does not have"


def _old(path: str | None, claimed: str) -> Vendor | None:
    if path is None:
        return None
    old = read_document(path)
    if old.document.digest != claimed:
        raise UsageError(f"{path} is not the document of the claim: its digest is {old.document.digest}", claimed)
    return old


def _changed(made: Mapping[str, Any], today: Vendor, old: Vendor | None) -> Iterator[str]:
    """What has changed since: between the documents, where the old one is given; else the beliefs and their grades."""
    version = today.document.content["info"]["version"]
    yield f"the document has changed since: {today.document.path} is {version} today"
    if old is not None:
        yield ""
        yield compared(old, today).as_text()
        return
    before = made["predicate"]["pollspec"]["beliefs"]
    now = {belief.id: belief.grade for belief in today.beliefs}
    yield from (f"  added      {name}" for name in now if name not in before)
    yield from (f"  dropped    {name}" for name in before if name not in now)
    yield from (f"  regraded   {n}: {before[n]} is now {now[n]}" for n in now if before.get(n, now[n]) != now[n])
    yield "--old OLD, with the document of the claim, tells what else has changed"
