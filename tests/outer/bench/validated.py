"""Validates the bodies of a file of exchanges with openapi-core, in a process of its own: DOCUMENT FILE.

Runs in an environment of openapi-core's own, and knows nothing of pollspec. Prints what it took, as JSON; reading the
file is no part of it, nor is reading the document; reading the bodies is.
"""

from __future__ import annotations

import gc
import json
import pathlib
import sys
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.response.validators import V31ResponseDataValidator

HOST = "http://server.example"
HAL = "application/hal+json"
"""Is JSON, which openapi-core does not know by itself."""


def document(path: str) -> OpenAPI:
    """The document, at a host that its own `servers` do not name."""
    content: dict[str, Any] = yaml.load(pathlib.Path(path).read_text(encoding="utf-8"), yaml.CSafeLoader)
    base = urlsplit(content["servers"][0]["url"]).path.rstrip("/")
    content["servers"] = [{"url": f"{HOST}{base}"}]
    config = Config(response_validator_cls=V31ResponseDataValidator, extra_media_type_deserializers={HAL: json.loads})
    return OpenAPI.from_dict(content, config=config)


def read(path: str) -> list[tuple[MockRequest, MockResponse]]:
    """The exchanges of a file with an entry of a HAR a line."""
    with pathlib.Path(path).open(encoding="utf-8") as lines:
        return [exchange(json.loads(line)) for line in lines]


def exchange(entry: dict[str, Any]) -> tuple[MockRequest, MockResponse]:
    """An entry as openapi-core has it."""
    asked, answered = entry["request"], entry["response"]
    parts = urlsplit(asked["url"])
    sent = {one["name"]: one["value"] for one in asked["headers"]}
    request = MockRequest(HOST, asked["method"], parts.path, args=dict(parse_qsl(parts.query)), headers=sent)
    headers = {one["name"].lower(): one["value"] for one in answered["headers"]}
    content = answered["content"]["text"].encode()
    return request, MockResponse(content, answered["status"], headers, headers.get("content-type", "application/json"))


def main(name: str, path: str) -> None:
    """Print what it took, and how many bodies do not fit."""
    api, exchanges = document(name), read(path)
    failed: Counter[str] = Counter()
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    for request, response in exchanges:
        try:
            api.validate_response(request, response)
        except Exception as error:
            failed[type(error).__name__] += 1
    took = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}
    print(json.dumps({**took, "exchanges": len(exchanges), "failed": failed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
