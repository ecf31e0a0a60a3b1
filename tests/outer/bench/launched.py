"""Runs one command: OUTPUT PATIENCE COMMAND...; prints what it took, as JSON.

A process of its own, because a child's memory is counted from before it became the command: it is never less than
that of who started it, and this one is small.
"""

import json
import os
import subprocess
import sys
import threading
import time


def main(output: str, patience: str, *command: str) -> None:
    """Run it to its end, or until it has lasted too long (seconds)."""
    begun = time.perf_counter()
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    child = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
    watch = threading.Timer(float(patience), child.kill)
    watch.start()
    _, status, used = os.wait4(child.pid, 0)
    watch.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    took = {"wall": time.perf_counter() - begun, "processor": used.ru_utime + used.ru_stime}
    print(json.dumps({"code": child.returncode, **took, "memory": used.ru_maxrss * 1024 / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
