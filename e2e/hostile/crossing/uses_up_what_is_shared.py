# Takes as many watches and descriptors as its user may have, in a process that lives on. The next execution is another user, or
# has limits of its own, and gets as many.
#
# images: ["python"]
# outcome: "success"
# value: true
# runs: 2
import ctypes
import os
import time


def handler(inputs, context):
    library = ctypes.CDLL(None)
    watches = 0
    while watches < 64 and library.inotify_init1(0) >= 0:
        watches += 1
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    return watches == 64
