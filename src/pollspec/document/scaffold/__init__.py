"""`pollspec scaffold`: a document with a contract, out of an OpenAPI file and the names of some operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pollspec.document.scaffold.bundle import Bundle
from pollspec.document.scaffold.contract import Contract
from pollspec.document.scaffold.samples import Samples
from pollspec.document.scaffold.text import written
from pollspec.document.source import Place
from pollspec.errors import DocumentError

HEAD = """\
# Made by pollspec scaffold. What it guessed has a comment above it that begins with `guess:`; read these first.
"""
LEFT_OUT = ("example", "examples")


def scaffold(path: str, wanted: tuple[str, ...]) -> str:
    """The text of a document with the operations that are wanted out of an OpenAPI file, and a contract of guesses."""
    bundle = Bundle.of(path)
    chosen = bundle.chosen(wanted)
    try:
        return _made(bundle.document(chosen))
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        said = f"{type(error).__name__} {' '.join(str(error).split())[:200]}"
        raise DocumentError(f"{path} is not what OpenAPI has: {said}", "validate the file first") from error


def _made(document: dict[str, Any]) -> str:
    comments: dict[Place, str] = {}
    samples = Samples(document)
    for place, node in list(_speaking(document)):
        _exemplify(samples, node, place, comments)
    contract = Contract(document)
    contract.beliefs()
    content = {**document, "x-contract": contract.content}
    return HEAD + written(content, comments | contract.comments)


def _speaking(document: Mapping[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Each place outside of schemas that has one: parameters, headers, bodies."""
    for path, item in document["paths"].items():
        for method, node in item.items():
            rest: list[tuple[Place, Any]] = [(("paths", path, method), node)]
            while rest:
                place, inner = rest.pop()
                if isinstance(inner, dict) and isinstance(inner.get("schema"), dict | bool):
                    yield place, inner
                elif isinstance(inner, dict | list):
                    pairs = inner.items() if isinstance(inner, dict) else enumerate(inner)
                    rest += [((*place, key), value) for key, value in pairs if key not in LEFT_OUT]


def _exemplify(samples: Samples, node: dict[str, Any], place: Place, comments: dict[Place, str]) -> None:
    """See to it that what is sent or answered has an example, and that each example is one."""
    given = {name: one for name, one in (node.pop("examples", None) or {}).items() if "value" in one}
    good = {name: one for name, one in given.items() if samples.fits(node["schema"], one["value"])}
    is_header = "headers" in place
    if good and not is_header:
        node["examples"] = good
        node.pop("example", None)
    elif "example" in node and not samples.fits(node["schema"], node["example"]):
        del node["example"]
    if is_header or "example" in node or "examples" in node:
        return
    try:
        node["example"] = samples.of(node["schema"])
        comments[*place, "example"] = "guess: the file gives no example that its schema takes"
    except ValueError:
        comments[*place, "schema"] = "no example is found that this takes: write one beside it, as `example`"
