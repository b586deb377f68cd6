# Leaves children that are stopped, which no polite signal wakes.
#
# images: ["python"]
# outcome: "success"
# value: [true, true, true]
import os
import signal


def handler(inputs, context):
    stopped = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        stopped.append(os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1]))
    return stopped
