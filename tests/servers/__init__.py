"""A second reading: one small server per vendor, each written from its page alone.

Nobody who wrote one had read `spec/`, the mock or the judge, so a sentence that pollspec misread shows here.
Each module offers `Server` (an ASGI application), `CREDENTIALS`, `SUBJECTS` and `MISDEEDS`.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Misdeed:
    """One thing wrong with a server: `sentence` is the vendor's own, verbatim; `does` is what the server does instead."""

    sentence: str
    does: str
