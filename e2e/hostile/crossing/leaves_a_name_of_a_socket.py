# Takes names of sockets and ports that only one can have, in a process that lives on. The next execution can take them again.
#
# images: ["python"]
# outcome: "success"
# value: ["abstract", "file", "port"]
# runs: 3
import os
import socket
import time


def handler(inputs, context):
    taken, kept = [], []
    for name, family, place in (
        ("abstract", socket.AF_UNIX, "\0crossing"),
        ("file", socket.AF_UNIX, "/tmp/crossing"),
        ("port", socket.AF_INET, ("0.0.0.0", 4711)),
    ):
        listener = socket.socket(family)
        kept.append(listener)
        try:
            listener.bind(place)
            listener.listen()
            taken.append(name)
        except OSError:
            pass
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    return taken
