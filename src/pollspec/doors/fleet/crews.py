"""Where the targets of a fleet are tested from: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from pollspec.doors.cluster import connected, dask
from pollspec.doors.fleet.member import Attempt, Message, Tell

HERE = 4
"""Targets at a time, where nobody says how many."""
Job = Mapping[str, Any]


class Crew(Protocol):
    """Those who test; `many`: how many at a time."""

    many: int

    def start(self, job: Job, tell: Tell) -> Future[Message]: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


def crew(scheduler: str | None, many: int | None) -> Crew:
    """The crew that was asked for."""
    return Here(many or HERE) if scheduler is None else Cluster(scheduler, many)


class Here:
    """Processes of this machine."""

    def __init__(self, many: int) -> None:
        self.many = many
        self._pool = ThreadPoolExecutor(many)
        self._attempts: list[Attempt] = []

    def start(self, job: Job, tell: Tell) -> Future[Message]:
        """Begin with a target."""
        attempt = Attempt(job, tell)
        self._attempts.append(attempt)
        return self._pool.submit(attempt.run)

    def stop(self) -> None:
        """End all that goes on, as Ctrl-C does."""
        for attempt in self._attempts:
            attempt.stop()

    def close(self) -> None:
        """Whoever has not ended by now is ended."""
        for attempt in self._attempts:
            attempt.kill()
        self._pool.shutdown()


class Cluster:
    """The workers of a Dask cluster; each has pollspec, the fleet file, and what that names."""

    def __init__(self, scheduler: str, many: int | None) -> None:
        self._client = connected(scheduler)
        self.many = many or max(1, sum(self._client.nthreads().values()))
        self._over = dask("--scheduler").Event(f"pollspec-{uuid.uuid4()}", client=self._client)
        self._pool = self._client.get_executor(pure=False, retries=0)

    def start(self, job: Job, tell: Tell) -> Future[Message]:
        """Begin with a target; how far it is, is not told."""
        found: Future[Message] = self._pool.submit(on_a_worker, dict(job), self._over.name)
        return found

    def stop(self) -> None:
        """End all that goes on, as Ctrl-C does."""
        self._over.set()

    def close(self) -> None:
        """Leave the cluster as it was."""
        self._client.close()


def on_a_worker(job: Job, over: str) -> Message:
    """Test one target on a worker, unless and until its fleet is over."""
    import distributed

    attempt, done = Attempt(job, lambda message: None), threading.Event()
    event = distributed.Event(over, client=distributed.get_client())

    def watch() -> None:
        with contextlib.suppress(OSError):  # the cluster is gone
            while not done.is_set() and not event.wait(timeout=1):
                pass
        attempt.stop()

    threading.Thread(target=watch, daemon=True).start()
    try:
        return attempt.run()
    finally:
        done.set()
