# Leaves watches, timers, event counters, pipes with something in them, and descriptors inside of sockets, all in a process that
# lives on.
#
# images: ["python"]
# outcome: "success"
# value: "left"
import array
import ctypes
import os
import select
import signal
import socket
import time


def handler(inputs, context):
    library = ctypes.CDLL(None)
    for _ in range(10):
        watch = library.inotify_init1(0)
        library.inotify_add_watch(watch, b"/tmp", 0xFFF)
        library.inotify_add_watch(watch, b"/usr", 0xFFF)
        library.timerfd_create(1, 0)
        os.eventfd(1)
        select.epoll().register(os.pipe()[0])
    one, other = socket.socketpair()
    one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [other.fileno(), one.fileno()]))])
    if os.fork() == 0:
        os.setsid()
        signal.setitimer(signal.ITIMER_REAL, 3600)
        time.sleep(3600)
    return "left"
