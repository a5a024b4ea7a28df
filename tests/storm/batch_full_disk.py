"""`gmi` whose files may grow no further than the first argument says, in bytes: a full disk."""

from __future__ import annotations

import resource
import runpy
import signal
import sys


def main() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # what is too long is then refused
    size = int(sys.argv.pop(1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    runpy.run_module("gmi_inference", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
