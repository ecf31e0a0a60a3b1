"""YAML as JSON has it, and in bounds: no dates, no octals, no tags, no aliases that explode."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from typing import Any

import yaml

MOST = 100_000
"""Entries that a document may have, each alias counted as what it stands for."""

DEEPEST = 100
"""Objects and lists within one another that a document may have."""

DIGITS = 308
"""Digits of a whole number; one with more is out of the range of a double, like 1e309."""

PLAIN = (None, "!", "tag:yaml.org,2002:str")
SURROGATE = re.compile("[\ud800-\udfff]")


class Loader(yaml.SafeLoader):
    """SafeLoader without surprises: a name given twice, a tag or a merge key (`<<`) is an error with its line.

    `most`: entries that there may be.
    """

    def __init__(self, text: str, most: int = MOST) -> None:
        super().__init__(text)
        self._most = most
        self._depth = 0
        self._held = 0, 0
        self._extents: dict[int, tuple[int, int]] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """A node, within bounds: its entries are counted, and how deep they go, also those of an alias."""
        is_alias, event = self.check_event(yaml.AliasEvent), self._event()
        if getattr(event, "tag", None) not in PLAIN:
            named = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            raise _error(f"the tag {named} is not read: write the value without it", event)
        before, self._held, self._depth = self._held, (0, 0), self._depth + 1
        self._bound(event, 0)
        node = super().compose_node(parent, index)
        if is_alias and id(node) not in self._extents:
            raise _error("an alias stands within what it stands for", event)
        size, height = self._extents[id(node)] if is_alias else (self._held[0] + 1, self._held[1] + 1)
        self._extents[id(node)] = size, height
        self._held, self._depth = (before[0] + size, max(before[1], height)), self._depth - 1
        self._bound(event, height)
        return node

    def _bound(self, event: Any, height: int) -> None:
        """An error where there is too much: `_held`: entries and their height so far; `_depth`: what is around."""
        if self._depth + height > DEEPEST:
            raise _error(f"nested more than {DEEPEST} deep", event)
        if self._held[0] > self._most:
            raise _error(f"more than {self._most} entries, each alias counted as what it stands for", event)

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        """A scalar that JSON can hold: no number out of range, no half of a character."""
        event = self._event()
        node = super().compose_scalar_node(anchor)
        if SURROGATE.search(node.value):
            try:  # JSON writes a character beyond the first 65,536 as two
                node.value = node.value.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                raise _error("a lone surrogate, which is no character", event) from None
        whole = node.tag.endswith(":int") and len(node.value) > DIGITS
        if whole or (node.tag.endswith(":float") and math.isinf(float(node.value))):
            raise _error(f"the number {node.value[:20]} is out of every range", event)
        return node

    def _event(self) -> Any:
        """What comes next."""
        parser: Any = self
        return parser.peek_event()

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping, unless a name in it stands twice, is no text, or merges another mapping."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _error("a name is a text", key)
            if key.value in seen:
                raise _error(f"the name {key.value!r} stands twice", key)
            if key.value == "<<" and key.style is None:
                raise _error("<< is no part of YAML 1.2: write out what it merges", key)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"true|false", "tf"),
    ("null", r"null", "n"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
]:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), list(first))

OTHERS: Any = yaml.SafeLoader("")
"""A reader of YAML 1.1, as many are: to it `no` is false, 18:00 is 1080 and 2026-11-22 is a date."""


def is_surprise(node: yaml.ScalarNode) -> bool:
    """Whether other readers of YAML take an unquoted word for something else."""
    return node.style is None and bool(OTHERS.resolve(yaml.ScalarNode, node.value, (True, False)) != node.tag)


def _error(problem: str, there: Any) -> yaml.constructor.ConstructorError:
    """An error at an event or a node."""
    return yaml.constructor.ConstructorError(None, None, problem, there.start_mark)
