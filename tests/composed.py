"""Documents whose one answer has a schema of the test's choice."""

from __future__ import annotations

import json
import pathlib
from typing import Any

from pollspec.document.loader import view
from pollspec.document.source import Document, parse
from pollspec.document.vendor import Vendor

DOCUMENTS = pathlib.Path(__file__).parent / "documents"
KETTLE = str(DOCUMENTS / "kettle.yaml")
MENAGERIE = str(DOCUMENTS / "menagerie.yaml")


def document(schema: Any, example: Any = None, **named: Any) -> Document:
    """A document with one operation, whose 200 has a schema; `named`: the schemas of its components."""
    media = {"schema": schema} | ({} if example is None else {"examples": {"printed": {"value": example}}})
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Composed", "version": "1.0.0"},
        "paths": {
            "/thing": {
                "get": {
                    "operationId": "getThing",
                    "responses": {"200": {"description": "It.", "content": {"application/json": media}}},
                }
            }
        },
        "components": {"schemas": named},
    }
    return parse(json.dumps(content), "composed", "composed.json")


def composed(schema: Any, example: Any = None, **named: Any) -> Vendor:
    """The view of such a document."""
    return view(document(schema, example, **named))
