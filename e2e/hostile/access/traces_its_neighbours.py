# Traces, reads and writes the memory of process 1, and of a child of its own that has asked to be protected. Both are closed to
# it by what they have asked for; its own files show that it tried.
#
# images: ["python"]
# outcome: "success"
# value: ["self"]
import ctypes
import os
import time

NAMES = ("mem", "fd", "map_files", "root", "cwd", "ns/mnt", "stack", "pagemap", "auxv", "environ", "maps", "exe")


def opens(process):
    """Says whether anything of a process can be opened."""
    for name in NAMES:
        try:
            os.close(os.open(f"/proc/{process}/{name}", os.O_RDONLY))
            return True
        except OSError:
            pass
    return False


def handler(inputs, context):
    library = ctypes.CDLL(None)
    set_dumpable, attach, seize = 4, 16, 0x4206
    heard, tell = os.pipe()
    child = os.fork()
    if child == 0:
        library.prctl(set_dumpable, 0, 0, 0, 0)
        os.write(tell, b"x")
        time.sleep(3600)
    os.read(heard, 1)
    reached = []
    for name, process in (("self", os.getpid()), ("process 1", 1), ("child", child)):
        if opens(process):
            reached.append(name)
        if any(library.ptrace(request, process, 0, 0) == 0 for request in (attach, seize)):
            reached.append(f"{name} traced")
    return reached
