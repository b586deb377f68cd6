# Takes locks of files in its scratch directory that only one can have, in a process that lives on. The next execution can take
# them again, for the files are others.
#
# images: ["python"]
# outcome: "success"
# value: "locked"
# runs: 3
import fcntl
import os
import time


def handler(inputs, context):
    for name in ("one", "other"):
        file = os.open(f"/tmp/{name}", os.O_RDWR | os.O_CREAT)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    return "locked"
