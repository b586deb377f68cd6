# Has a timer's signal raise an error all the time, also in the runner's own code while it writes the value. Depending on
# where it strikes the handler's value or the error is told, and nothing else.
#
# images: ["python"]
# outcome: ["success", "exception"]
# value: "real"
# message: "struck"
import signal


def strike(*_):
    raise RuntimeError("struck")


def handler(inputs, context):
    signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    return "real"
