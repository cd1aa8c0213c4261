"""Runs a server until standard input ends, then kills it and removes what it leaves: its folder, and
files that it makes elsewhere.

The pipe closes when the process that holds it stops, however it stops: a test runner that is
killed leaves no server behind.

Usage: guard.py FOLDER [FILE ...] -- COMMAND [ARGUMENT ...]
"""

import pathlib
import shutil
import signal
import subprocess
import sys
import threading

end = sys.argv.index("--")
folder, files, command = sys.argv[1], sys.argv[2:end], sys.argv[end + 1 :]
# Ctrl-C reaches the whole group; the pipe says when it is over.
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = subprocess.Popen(command, stdin=subprocess.DEVNULL)


def await_end_of_input():
    try:
        while sys.stdin.buffer.read(1):
            pass
    finally:
        # Its data is thrown away, so it need not shut down in order.
        server.kill()


threading.Thread(target=await_end_of_input, daemon=True).start()
code = server.wait()
shutil.rmtree(folder, ignore_errors=True)
for file in files:
    pathlib.Path(file).unlink(missing_ok=True)
sys.exit(code if code >= 0 else 1)
