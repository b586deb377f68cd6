# Leaves files in every directory that others could look into too, and looks for those of the execution before. Only scratch
# directories can be written to, and they are new.
#
# images: ["python"]
# outcome: "success"
# value: {"found": [], "left": true}
# runs: 2
import os

DIRECTORIES = (
    "/tmp", "/", "/dev", "/dev/shm", "/dev/mqueue", "/etc", "/home", "/opt", "/proc", "/root", "/run", "/run/lock", "/run/user",
    "/srv", "/sys", "/sys/fs/cgroup", "/usr", "/usr/lib", "/usr/local", "/usr/local/lib", "/usr/share", "/var", "/var/cache",
    "/var/lib", "/var/lock", "/var/log", "/var/tmp", "/veritech", "/mnt", "/media",
)  # fmt: skip


def handler(inputs, context):
    directories = (*DIRECTORIES, os.path.dirname(os.__file__), os.path.expanduser("~"))
    marks = {directory: os.path.join(directory, "crossing-mark") for directory in directories}
    found = [directory for directory, mark in marks.items() if os.path.exists(mark)]
    left = []
    for directory, mark in marks.items():
        try:
            with open(mark, "w") as file:
                file.write("x")
            left.append(directory)
        except OSError:
            pass
    return {"found": found, "left": "/tmp" in left}
