# Makes itself the one to whom orphans go, instead of process 1, and leaves some.
#
# images: ["python"]
# outcome: "success"
# value: "adopted"
import ctypes
import os
import time


def handler(inputs, context):
    set_child_subreaper = 36
    if ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) != 0:
        return "refused"
    heard, tell = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            while os.getppid() == 1:
                time.sleep(0.001)
            time.sleep(0.02)
            os.write(tell, b"%d" % os.getppid())
            time.sleep(3600)
        os._exit(0)
    return "adopted" if int(os.read(heard, 10)) == os.getpid() else "not adopted"
