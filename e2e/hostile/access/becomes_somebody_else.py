# Takes the identity of root, of other users and of other groups, and every capability. That it is an ordinary user shows in what
# the kernel says of it.
#
# images: ["python"]
# outcome: "success"
# value: {"became": [], "CapEff": "0000000000000000", "NoNewPrivs": "1", "Seccomp": "2"}
import ctypes
import os


def handler(inputs, context):
    became = []
    library = ctypes.CDLL(None)
    for name, call in {
        "root": lambda: os.setuid(0),
        "effective root": lambda: os.seteuid(0),
        "all three": lambda: os.setresuid(0, 0, 0),
        "root's group": lambda: os.setgid(0),
        "other groups": lambda: os.setgroups([0, 4, 27, 999]),
        "a neighbour": lambda: os.setuid(os.getuid() + 1),
        "nobody": lambda: os.setuid(65533),
        "bounding set": lambda: library.prctl(24, 21, 0, 0, 0) and 1 / 0,
        "keep capabilities": lambda: library.prctl(8, 1, 0, 0, 0) and 1 / 0,
        "secure bits": lambda: library.prctl(28, 0, 0, 0, 0) and 1 / 0,
    }.items():
        try:
            call()
            became.append(name)
        except (OSError, ZeroDivisionError):
            pass
    with open("/proc/self/status") as file:
        status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    return {"became": became, **{name: status[name] for name in ("CapEff", "NoNewPrivs", "Seccomp")}}
