"""A good poller with requests, whose retries of passing answers are those of urllib3: of GET only.

python -m tests.pollers.retrying VENDOR
"""

from __future__ import annotations

import os
import sys
import time

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.pollers.talk import NOT_KNOWN, TALK, Environment, inside, read


def wait(vendor: str, told: Environment) -> int:
    """Wait for one operation, or start it before that; the exit code."""
    talk, told = TALK[vendor], dict(told)
    interval, until = float(told["POLLSPEC_INTERVAL"]), time.monotonic() + float(told["POLLSPEC_DEADLINE"])
    session = retrying(interval)
    session.headers.update({"Accept": "application/json", **talk.signed(told)})
    try:
        if told["POLLSPEC_DO"] == "start":
            url, media = told["POLLSPEC_URL"] + talk.start, {"Content-Type": "application/json"}
            started = session.post(url, data=told["POLLSPEC_BODY"], headers=media, timeout=left(until))
            name = inside(read(started.content), talk.minted)
            if not started.ok or name is None:
                return NOT_KNOWN
            told[talk.names] = name
        while time.monotonic() + interval < until:
            url = told["POLLSPEC_URL"] + talk.target(told)
            answer = session.get(url, timeout=left(until), allow_redirects=False)
            outcome = talk.outcome(answer.status_code, read(answer.content))
            if outcome is not None:
                return outcome
            time.sleep(interval)
    except requests.RequestException:
        pass
    return NOT_KNOWN


def left(until: float) -> float:
    """Seconds before a moment."""
    return max(0.001, until - time.monotonic())


def retrying(interval: float) -> requests.Session:
    """A session that asks again after 429 and 503, when they say so or after a while."""
    retries = Retry(
        total=None,
        connect=0,
        read=0,
        redirect=False,
        status=4,
        status_forcelist={429, 503},
        allowed_methods={"GET"},
        backoff_factor=interval,
        raise_on_status=False,
    )
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", HTTPAdapter(max_retries=retries))
    return session


if __name__ == "__main__":
    raise SystemExit(wait(sys.argv[1], os.environ))
