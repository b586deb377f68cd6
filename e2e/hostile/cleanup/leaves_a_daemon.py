# Leaves a daemon by the book: forked twice, a session of its own, every signal ignored, all descriptors closed. It is in the
# sandbox, and goes with it.
#
# images: ["python"]
# outcome: "success"
# value: "left"
import os
import signal
import time


def handler(inputs, context):
    started, tell = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            os.write(tell, b"x")
            os.closerange(0, 1024)
            time.sleep(3600)
        os._exit(0)
    os.read(started, 1)
    return "left"
