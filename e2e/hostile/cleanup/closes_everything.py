# Closes every descriptor, leaves its directory and its session, and goes on in a child. There is nothing by which the child could
# not be found.
#
# images: ["python"]
# outcome: "success"
# value: "left"
import os
import time


def handler(inputs, context):
    heard, tell = os.pipe()
    if os.fork() == 0:
        os.chdir("/")
        os.setsid()
        os.umask(0)
        os.write(tell, b"x")
        os.closerange(0, 65536)
        time.sleep(3600)
    os.read(heard, 1)
    return "left"
