# Ignores every signal and every error, so that nobody can talk it into ending. A cancellation does not ask.
#
# images: ["python"]
# outcome: "cancelled"
# cancel: true
# request: {"timeout_ms": 30000}
import signal
import time


def handler(inputs, context):
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            pass
