"""A client of ten lines on the generated pollers of any document, as somebody writes it for `pollspec grade`.

pollspec grade keycard -- python -m tests.pollers.generated pollspec.generated.pollers keycard
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.pollers.plain import Web
from tests.pollers.talk import FAILED, NOT_KNOWN, SUCCEEDED, Environment


class Generated:
    """Waits for one operation, as its environment says. `kind`: Async, or nothing."""

    def __init__(self, package: str, vendor: str, kind: str, told: Environment, web: Web | None = None) -> None:
        self.module = importlib.import_module(f"{package}.{vendor}")
        self.polling = importlib.import_module(f"{package}.polling")
        self.told, self.kind, self.web = told, kind, web

    def run(self) -> int:
        """Wait; the exit code."""
        try:
            print(asyncio.run(self._apart()) if self.kind else self._at_once())
        except self.polling.Failed as failed:
            print(failed)
            return FAILED
        except self.polling.PollingError as error:
            print(error)
            return NOT_KNOWN
        return SUCCEEDED

    def _at_once(self) -> str:
        with httpx.Client(**self._options()) as client:
            method = self._method(client)
            return str(method(**self._given(method)).state)

    async def _apart(self) -> str:
        async with httpx.AsyncClient(**self._options()) as client:
            method = self._method(client)
            return str((await method(**self._given(method))).state)

    def _method(self, client: Any) -> Callable[..., Any]:
        """The poller's method that is wanted: of those of the module, the one that follows this operation."""
        pollers = [one for name, one in vars(self.module).items() if name.endswith("Poller")]
        pollers = [one for one in pollers if f"with {self.told['POLLSPEC_OPERATION']}" in str(one.__doc__)]
        poller = next(one for one in pollers if one.__name__.startswith("Async") is bool(self.kind))
        pace: dict[str, Any] = {"every": float(self.told["POLLSPEC_INTERVAL"])}
        if self.web:
            pace |= {"clock": self.web.now, "sleep": self._nap if self.kind else self.web.sleep}
        method: Callable[..., Any] = getattr(poller(client, **pace), "run" if self._starts else "wait")
        return method

    @property
    def _starts(self) -> bool:
        return self.told["POLLSPEC_DO"] == "start"

    def _given(self, method: Callable[..., Any]) -> dict[str, Any]:
        """The arguments that the environment has."""
        given: dict[str, Any] = {"deadline": float(self.told["POLLSPEC_DEADLINE"])}
        for name, parameter in inspect.signature(method).parameters.items():
            for place in ("PATH", "QUERY"):
                if (value := self.told.get(f"POLLSPEC_{place}_{name.upper()}")) is not None:
                    given[name] = value
            if name == "body":
                model = getattr(self.module.models, parameter.annotation.removeprefix("models."))
                given[name] = model.model_validate_json(self.told["POLLSPEC_BODY"])
        return given

    def _options(self) -> dict[str, Any]:
        """What the client is made with; it would follow redirects, if it was let."""
        start = "POLLSPEC_HEADER_"
        named = {name: value for name, value in self.told.items() if name.startswith(start)}
        headers = {name.removeprefix(start).replace("_", "-"): value for name, value in named.items()}
        options: dict[str, Any] = {"base_url": self.told["POLLSPEC_URL"], "headers": headers, "follow_redirects": True}
        return options | ({"transport": httpx.MockTransport(self._answer)} if self.web else {})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert self.web is not None
        timeout = request.extensions["timeout"]["read"]
        try:
            answer = self.web.ask(request.method, str(request.url), request.headers, request.content, timeout)
        except TimeoutError:
            raise httpx.ReadTimeout("no answer", request=request) from None
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.content)

    async def _nap(self, seconds: float) -> None:
        assert self.web is not None
        self.web.sleep(seconds)


def main(words: list[str], told: Mapping[str, str]) -> int:
    """The package and the vendor are given; `Async` after them takes the other kind."""
    return Generated(words[0], words[1], "".join(words[2:]), told).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
