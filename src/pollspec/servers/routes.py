"""Where a request leads: to an operation of the document, or to none, and then what there is instead."""

from __future__ import annotations

from pollspec.document.operations import Operation
from pollspec.document.vendor import Vendor


class Routes:
    """The paths of a document, behind the base path of its first server."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor, self.base = vendor, vendor.base_path

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that is asked for, with the path's parameters; HEAD is answered as GET is."""
        if not path.startswith(self.base):
            return None
        inner = path[len(self.base) :]
        found = self.vendor.locate(method, inner)
        return self.vendor.locate("GET", inner) if found is None and method == "HEAD" else found

    def methods(self, path: str) -> list[str]:
        """The methods that a path is asked by; none where there is no such path."""
        inner = path[len(self.base) :] if path.startswith(self.base) else ""
        found = [
            operation.method for operation in self.vendor.operations.values() if operation.match(inner) is not None
        ]
        return [*found, "HEAD"] if "GET" in found and "HEAD" not in found else found

    def meant(self, path: str) -> str | None:
        """The path as it would be asked, where only the base path is missing."""
        whole = f"{self.base}{path}"
        return whole if self.base and not path.startswith(f"{self.base}/") and self.methods(whole) else None
