"""Who does the work: this process, or workers of Dask distributed, here or on a cluster."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pollspec.doors.cluster import connected, dask
from pollspec.errors import OwnError, PollspecError, UsageError, WorkersLost

Given = TypeVar("Given")
Made = TypeVar("Made")


class Workers(Protocol):
    """`folder`: one that all of them see; `apart`: they share no memory with this process."""

    @property
    def folder(self) -> str: ...

    @property
    def apart(self) -> bool: ...

    def each(self, task: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
        """What a task makes of each of several things, in their order."""


@dataclass(frozen=True)
class Here:
    """This process, one thing after another."""

    folder: str
    apart: bool = False

    def each(self, task: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
        """One after another."""
        return map(task, given)


@dataclass(frozen=True)
class There:
    """Workers of Dask. What a worker had that is lost is done again by another one."""

    client: Any
    folder: str
    apart: bool = True

    def each(self, task: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
        """All at once, as far as there are workers."""
        futures = self.client.map(_Guarded(task), list(given), key="pollspec", pure=False, retries=1)
        for future in futures:
            try:
                found = future.result()
            except Exception as error:  # of Dask's own: the task itself raises nothing
                self.client.cancel(futures)
                raise WorkersLost(
                    f"workers were lost ({type(error).__name__})", "have they enough memory, and do all see the files?"
                ) from None
            if isinstance(found, PollspecError):
                self.client.cancel(futures)
                raise found
            future.release()
            yield found


class _Guarded:
    """A task that gives back an error as it gives a result: what raises is logged with all that it was given."""

    def __init__(self, task: Callable[[Any], Any]) -> None:
        self.task = task

    def __call__(self, given: Any) -> Any:
        try:
            return self.task(given)
        except PollspecError as error:
            return error
        except Exception as error:
            return OwnError.of(error)


@contextlib.contextmanager
def workers(jobs: int, scheduler: str | None, scratch: str | None) -> Iterator[Workers]:
    """`jobs` processes of this machine, or those of a scheduler; this process where neither is wanted.

    `scratch`: a folder that all of them see, which keeps nothing.
    """
    with _scratch(scratch) as folder:
        if jobs < 2 and scheduler is None:
            yield Here(folder)
            return
        if scheduler and scratch is None:
            raise UsageError("workers of a cluster need a folder that all of them see", "--scratch FOLDER")
        with _client(jobs, scheduler, folder) as client:
            yield There(client, folder)


@contextlib.contextmanager
def _scratch(scratch: str | None) -> Iterator[str]:
    try:
        made = tempfile.TemporaryDirectory(prefix="pollspec-", dir=scratch)
    except OSError as error:
        where = scratch or "the folder for temporary files"
        raise UsageError(f"{where} cannot be written to: {error.strerror}", "--scratch FOLDER") from None
    with made as folder:
        yield folder


@contextlib.contextmanager
def _client(jobs: int, scheduler: str | None, folder: str) -> Iterator[Any]:
    """A client; its workers here end with it, those of a cluster stay."""
    if scheduler:
        with connected(scheduler) as client:
            yield client
        return
    distributed = dask(f"--jobs {jobs}")
    options = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL, "local_directory": folder}
    with (
        distributed.LocalCluster(jobs, threads_per_worker=1, processes=True, host="127.0.0.1", **options) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client
