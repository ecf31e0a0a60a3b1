"""Servers that read a vendor's page a second time, with its misdeeds: a folder with one module a vendor."""

from __future__ import annotations

import functools
import importlib.util
import pathlib
import sys
from types import ModuleType

from pollspec.errors import UsageError


@functools.lru_cache(maxsize=8)
def second_reading(folder: str, vendor: str) -> ModuleType:
    """The module of a folder that reads a vendor's page a second time: it is called as the document is."""
    package = pathlib.Path(folder).resolve()
    name = f"pollspec_second_reading_{package.name}"
    if name not in sys.modules:
        _imported(name, package / "__init__.py", [str(package)])
    slug = pathlib.PurePath(vendor).stem
    return _imported(f"{name}.{slug}", package / f"{slug}.py", None)


def _imported(name: str, path: pathlib.Path, places: list[str] | None) -> ModuleType:
    found = importlib.util.spec_from_file_location(name, path, submodule_search_locations=places)
    if found is None or found.loader is None or not path.is_file():
        raise UsageError(f"there is no {path}", "--second-reading takes a folder with one module per vendor")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module
