"""OpenAPI 3.0's schemas in the words of 3.1, which are JSON Schema's."""

from __future__ import annotations

from typing import Any

NULL = {"type": "null"}
LEFT_OUT = ("$schema", "$id", "id", "$comment", "nullable")
"""Words that name a schema's own file or language, or mean nothing in 3.1."""
LIMITS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def translated(schema: dict[str, Any], is_old: bool) -> dict[str, Any]:
    """One schema object, without what it holds. `is_old`: it is OpenAPI 3.0's, where nothing stands beside `$ref`."""
    if is_old and "$ref" in schema:
        return {"$ref": schema["$ref"]}
    made = {word: value for word, value in schema.items() if word not in LEFT_OUT and word not in LIMITS}
    for word, plain in LIMITS.items():
        if schema.get(word) is True and plain in made:
            made[word] = made.pop(plain)
        elif word in schema and not isinstance(schema[word], bool):
            made[word] = schema[word]
    if "example" in made and "examples" not in made:
        made["examples"] = [made.pop("example")]
    if made.get("format") == "byte" and is_old:
        made["contentEncoding"] = "base64"
        del made["format"]
    return _nullable(made) if schema.get("nullable") is True else made


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that takes null as well."""
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    if "type" in schema or not {"$ref", "allOf", "oneOf", "anyOf"} & set(schema):
        return schema
    outer: dict[str, Any] = {word: schema.pop(word) for word in ("description", "title") if word in schema}
    return {**outer, "anyOf": [schema, NULL]}
