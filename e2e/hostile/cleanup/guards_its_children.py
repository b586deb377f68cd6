# Leaves two processes that start each other again whenever one of them ends.
#
# images: ["python"]
# outcome: "success"
# value: "left"
# request: {"limits": {"processes": 16}}
import os
import time


def guard():
    while True:
        child = os.fork()
        if child == 0:
            parent = os.getppid()
            while os.getppid() == parent:
                time.sleep(0.001)
            continue
        os.waitpid(child, 0)


def handler(inputs, context):
    if os.fork() == 0:
        os.setsid()
        guard()
    time.sleep(0.05)
    return "left"
