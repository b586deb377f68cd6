# Leaves shared memory, semaphores and queues of the kernel, old and new, under names that the next execution knows. There are
# none to be had, or none that the next one sees.
#
# images: ["python"]
# outcome: "success"
# value: []
# runs: 2
import ctypes
import os


def handler(inputs, context):
    library = ctypes.CDLL(None, use_errno=True)
    create, read = 0o1666, os.O_RDWR
    found = []
    if library.shmget(4711, 4096, 0) >= 0:
        found.append("memory")
    if library.semget(4711, 1, 0) >= 0:
        found.append("semaphores")
    if library.msgget(4711, 0) >= 0:
        found.append("messages")
    if library.mq_open(b"/hostile", read) >= 0:
        found.append("queue")
    if library.shm_open(b"/hostile", read, 0o666) >= 0:
        found.append("named memory")
    library.shmget(4711, 4096, create)
    library.semget(4711, 1, create)
    library.msgget(4711, create)
    library.mq_open(b"/hostile", read | os.O_CREAT, 0o666, None)
    library.shm_open(b"/hostile", read | os.O_CREAT, 0o666)
    return found
