# Reads the environment and the arguments of every process that it can see, and its own as the kernel keeps it, for a text
# that only the dispatcher has. A variable of its own shows that it would be found.
#
# images: ["python"]
# outcome: "success"
# value: ["own"]
import os

MARK = "-".join(["VTCANARY", ""])


def handler(inputs, context):
    os.environ["OWN"] = MARK
    found = ["own"] if any(MARK in value for value in os.environ.values()) else []
    for process in filter(str.isdigit, os.listdir("/proc")):
        for name in ("environ", "cmdline", "comm", "task/1/environ", "auxv", "mountinfo"):
            try:
                with open(f"/proc/{process}/{name}", errors="replace") as file:
                    if MARK in file.read():
                        found.append(f"{process}/{name}")
            except OSError:
                pass
    return found
