# Leaves keys in the kernel's keyrings, which belong to users and not to processes.
#
# images: ["python"]
# outcome: "success"
# value: []
# runs: 2
import ctypes
import platform

ADD_KEY, KEYCTL, SEARCH = 248, 250, 10


def handler(inputs, context):
    if platform.machine() != "x86_64":
        return []
    library = ctypes.CDLL(None)
    found = []
    for name, ring in {"thread": -1, "process": -2, "session": -3, "user": -4, "user session": -5}.items():
        if library.syscall(KEYCTL, SEARCH, ring, b"user", b"crossing", 0) >= 0:
            found.append(name)
        if library.syscall(ADD_KEY, b"user", b"crossing", b"x", 1, ring) >= 0:
            found.append(f"added to {name}")
    return found
