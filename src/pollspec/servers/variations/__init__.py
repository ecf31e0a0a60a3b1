"""Legal variations: what a server may do differently from the polite one, where the page is silent.

VARIATIONS is the table. Each is run through the whole trial: nothing may be broken by it, and nothing may deviate but
the beliefs that name it under `despite`, with the reason why they are worth having all the same.
"""

from __future__ import annotations

from pollspec.servers.variations import forms, plays, refusals, values
from pollspec.servers.variations.variation import Variation

VARIATIONS: dict[str, Variation] = {
    variation.name: variation for room in (forms, values, plays, refusals) for variation in room.VARIATIONS
}

__all__ = ["VARIATIONS", "Variation"]
