# Opens files that hosts have, under their names and past the root of its process. What every process may read of itself
# shows that it tried.
#
# images: ["python"]
# outcome: "success"
# value: ["/proc/self/status"]
import os

PATHS = (
    "/proc/self/status", "/etc/shadow", "/root/.ssh", "/root/.bashrc", "/home", "/var/lib/docker", "/var/lib/veritech", "/boot",
    "/proc/1/root/etc/shadow", "/proc/1/cwd/etc/shadow", "/proc/kcore", "/proc/kmsg", "/proc/keys", "/proc/sched_debug",
    "/../../etc/shadow", "/proc/self/root/../../etc/shadow", "/sys/kernel/debug", "/sys/firmware/efi/efivars", "/.old_root",
)  # fmt: skip


def handler(inputs, context):
    opened = []
    for path in PATHS:
        try:
            descriptor = os.open(path, os.O_RDONLY)
            if os.listdir(descriptor) if os.path.isdir(path) else os.read(descriptor, 1):
                opened.append(path)
        except OSError:
            pass
    return opened
