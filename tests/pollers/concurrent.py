"""A good poller with httpx and asyncio: each request under the deadline of the whole.

python -m tests.pollers.concurrent VENDOR
"""

from __future__ import annotations

import asyncio
import os
import sys

import httpx

from tests.pollers.plain import retry_after
from tests.pollers.talk import NOT_KNOWN, TALK, Environment, inside, read


async def wait(vendor: str, told: Environment) -> int:
    """Wait for one operation, or start it before that; the exit code."""
    try:
        async with asyncio.timeout(float(told["POLLSPEC_DEADLINE"])):
            async with httpx.AsyncClient(base_url=told["POLLSPEC_URL"], timeout=None, trust_env=False) as client:
                return await follow(vendor, dict(told), client)
    except TimeoutError:
        return NOT_KNOWN


async def follow(vendor: str, told: dict[str, str], client: httpx.AsyncClient) -> int:
    """The same without a deadline."""
    talk = TALK[vendor]
    headers = {"Accept": "application/json", **talk.signed(told)}
    if told["POLLSPEC_DO"] == "start":
        media = {**headers, "Content-Type": "application/json"}
        started = await client.post(talk.start, headers=media, content=told["POLLSPEC_BODY"])
        if not started.is_success or inside(read(started.content), talk.minted) is None:
            return NOT_KNOWN
        told[talk.names] = inside(read(started.content), talk.minted)
    while True:
        answer = await client.get(talk.target(told), headers=headers)
        outcome = talk.outcome(answer.status_code, read(answer.content))
        if outcome is not None:
            return outcome
        pause = retry_after(answer.headers.get("retry-after", "0"))
        await asyncio.sleep(max(pause, float(told["POLLSPEC_INTERVAL"])))


if __name__ == "__main__":
    raise SystemExit(asyncio.run(wait(sys.argv[1], os.environ)))
