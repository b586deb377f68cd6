# Has the kernel end it by a timer of its own. It was not the clock outside.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"signal": 14}
import signal
import time


def handler(inputs, context):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    time.sleep(10)
