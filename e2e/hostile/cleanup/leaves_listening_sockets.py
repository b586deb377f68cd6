# Leaves sockets that listen, with a name in the file system, without one, and at a port, in a process that lives on.
#
# images: ["python"]
# outcome: "success"
# value: 3
import os
import socket
import time


def handler(inputs, context):
    listening = []
    for family, place in ((socket.AF_UNIX, "/tmp/socket"), (socket.AF_UNIX, "\0hostile"), (socket.AF_INET, ("0.0.0.0", 47474))):
        listener = socket.socket(family)
        listener.bind(place)
        listener.listen()
        listening.append(listener)
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    return len(listening)
