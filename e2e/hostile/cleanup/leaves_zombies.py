# Leaves children that have ended and that nobody waited for, and orphans that process 1 has to wait for.
#
# images: ["python"]
# outcome: "success"
# value: true
# request: {"limits": {"processes": 64}}
import os
import time


def is_zombie(process):
    """Says whether a process has ended and nobody has waited for it."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def handler(inputs, context):
    for _ in range(15):
        if os.fork() == 0:
            os._exit(0)
        if os.fork() == 0:
            os.fork()
            os._exit(0)
    zombies = 0
    while zombies < 30:
        time.sleep(0.01)
        zombies = sum(is_zombie(process) for process in os.listdir("/proc") if process.isdigit())
    return zombies >= 30
