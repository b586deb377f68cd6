# Traces, reads and writes the memory of every process that there is: process 1 and a child of its own that protects itself.
#
# images: ["python"]
# outcome: "success"
# value: []
import ctypes
import os


def handler(inputs, context):
    library = ctypes.CDLL(None)
    attach, seize = 16, 0x4206
    reached = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        if int(process) == os.getpid():
            continue
        for request in (attach, seize):
            if library.ptrace(request, int(process), 0, 0) == 0:
                reached.append(f"ptrace {process}")
        for name in ("mem", "fd", "map_files", "task", "root", "cwd", "ns/mnt", "stack", "syscall", "pagemap", "auxv", "environ"):
            try:
                target = f"/proc/{process}/{name}"
                opened = os.open(target, os.O_RDONLY)
                if name in ("fd", "map_files") and not os.listdir(opened) or name == "task":
                    continue
                os.read(opened, 1)
                reached.append(target)
            except OSError:
                pass
    return reached
