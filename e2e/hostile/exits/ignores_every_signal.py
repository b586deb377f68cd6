# Ignores and blocks every signal and spins. The one that ends it cannot be ignored.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 600}
import signal


def handler(inputs, context):
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass
