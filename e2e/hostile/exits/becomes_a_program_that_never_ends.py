# Replaces its process by a program that ignores every signal and never ends.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 700}
import os
import sys

PROGRAM = """
import signal, time
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    time.sleep(1)
"""


def handler(inputs, context):
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", PROGRAM])
