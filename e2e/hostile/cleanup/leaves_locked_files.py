# Leaves files that are locked and mapped, by a process that lives on and holds files without a name.
#
# images: ["python"]
# outcome: "success"
# value: "left"
import fcntl
import mmap
import os
import time


def handler(inputs, context):
    file = open("/tmp/locked", "wb+")
    fcntl.flock(file, fcntl.LOCK_EX)
    fcntl.lockf(file, fcntl.LOCK_EX)
    file.truncate(1 << 20)
    mapped = mmap.mmap(file.fileno(), 1 << 20)
    mapped[:] = b"x" * (1 << 20)
    os.unlink("/tmp/locked")
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    return "left"
