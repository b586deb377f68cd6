# Makes namespaces of its own, in which it would be root, in all the ways that there are, old and new. A plain child process shows
# that it tried. The numbers are those of x86-64.
#
# images: ["python"]
# outcome: "success"
# value: ["none"]
import ctypes
import os
import platform

KINDS = {
    "none": 0, "user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "network": 0x40000000, "ipc": 0x8000000, "uts": 0x4000000,
    "cgroup": 0x2000000, "user and mount": 0x10020000,
}  # fmt: skip


def handler(inputs, context):
    if platform.machine() != "x86_64":
        return ["none"]
    library = ctypes.CDLL(None)
    clone, unshare, clone3, sigchld = 56, 272, 435, 17
    made = []
    for name, flags in KINDS.items():
        process = library.syscall(clone, flags | sigchld, 0, 0, 0, 0)
        if process == 0:
            os._exit(0)
        if process > 0:
            os.waitpid(process, 0)
            made.append(name)
        if flags and library.syscall(unshare, flags) == 0:
            made.append(f"unshare {name}")
        arguments = (ctypes.c_uint64 * 11)(flags, 0, 0, 0, sigchld)
        process = library.syscall(clone3, arguments, 88)
        if process == 0:
            os._exit(0)
        if process > 0:
            made.append(f"clone3 {name}")
    return made
