"""One host of the whole-system test: ``python host.py SPEC``, in a network namespace of its own.

It brings its loopback interface up, opens the ways that lead out and in, and runs one command until that ends. What it
is asked to do by SIGTERM it asks of the command. The command's process id stands in a file, so that it can be killed.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from relay import Relay


def main(spec: Path) -> int:
    told = json.loads(spec.read_text())
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for listen, target in told["out"]:
        Relay(listen, target)
    command = subprocess.Popen(told["command"], cwd=told["cwd"])
    signal.signal(signal.SIGTERM, lambda *_: command.send_signal(signal.SIGTERM))
    for listen, target in told["in"]:
        Relay(listen, target)
    spec.with_suffix(".pid").write_text(str(command.pid))
    return command.wait()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
