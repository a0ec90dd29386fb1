"""Starts the program over and over in children of one process that has loaded it: in 10 ms each.

It reads a line of JSON for each run: where, the arguments, and files for what is read and printed.
It answers with the child's process id, and at its end with how it ended.
"""

from __future__ import annotations

import atexit
import faulthandler
import importlib
import json
import os
import pkgutil
import signal
import sys
from typing import Any

import chdkshell

LATE = ("sim", "prompt", "__main__", "viewfinder", "fullscreen")
"""Parts of names of modules that the program loads when it needs them, here too."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def load() -> None:
    """Load what the program may need."""
    for module in pkgutil.walk_packages(chdkshell.__path__, "chdkshell."):
        if not any(part in module.name for part in LATE):
            importlib.import_module(module.name)


def run(job: dict[str, Any]) -> None:
    """Be the program, as started anew. A terminal becomes its own. Does not return."""
    status = 70
    try:
        os.setsid()
        os.chdir(job["folder"])
        os.environ.update(job["environment"])
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            file = os.open(job[name], os.O_RDWR | os.O_CREAT, 0o600)
            os.dup2(file, number)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)  # the other was read from
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in SIGNALS[1:]:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        faulthandler.register(signal.SIGUSR1)
        atexit._clear()
        from chdkshell.cli import main

        sys.argv = ["chdkshell", *job["arguments"]]
        status = main()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:  # between two lines of this function: as in a start of Python
        status = 130
    except BaseException:
        import traceback

        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(status)


def serve() -> None:
    """Run jobs until there are no more."""
    load()
    # what comes before a child has its handlers waits for them
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    out = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            run(json.loads(line))
        print("started", child, file=out, flush=True)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print("ended", status, file=out, flush=True)


if __name__ == "__main__":
    serve()
