"""HTML and SVG built as a tree, so that every text in it is escaped by its writer and none by hand."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Child = Element | str | None


def element(tag: str, *children: Child, **attributes: str | float | bool | None) -> Element:
    """An element; None is left out. In an attribute's name `_` stands for `-`, and one at its end is dropped.

    An attribute that is True has no value; one that is None or False is left out.
    """
    made = Element(tag)
    for name, value in attributes.items():
        if value is not None and value is not False:
            made.set(name.rstrip("_").replace("_", "-"), "" if value is True else _written(value))
    for child in children:
        append(made, child)
    return made


def append(parent: Element, child: Child) -> None:
    """Add a child at the end."""
    if isinstance(child, str):
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + child
        else:
            parent.text = (parent.text or "") + child
    elif child is not None:
        parent.append(child)


def page(root: Element) -> str:
    """An HTML document's text."""
    return f"<!doctype html>\n{ElementTree.tostring(root, encoding='unicode', method='html')}\n"


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.3f}".rstrip("0").rstrip(".")
