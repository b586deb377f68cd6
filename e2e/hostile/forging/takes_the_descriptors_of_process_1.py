# Opens what process 1 has open, its connection to the dispatcher among it, to speak in its place. Its descriptors, memory
# and directories are closed to everybody. The function's own descriptors are open to it, which shows that it tried.
#
# images: ["python"]
# outcome: "success"
# value: ["own"]
import os


def handler(inputs, context):
    opened = []
    if os.listdir("/proc/self/fd"):
        opened.append("own")
    for name in ("fd/0", "fd/3", "fd/4", "fd/5", "fd/6", "fd/7", "fd/8", "mem", "environ", "maps", "cwd", "root", "exe"):
        try:
            os.stat(f"/proc/1/{name}")
            os.close(os.open(f"/proc/1/{name}", os.O_RDONLY))
            opened.append(name)
        except OSError:
            pass
    return opened
