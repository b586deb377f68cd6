# Changes the name of its host, by the system call and by the kernel's settings, for the next execution to read.
#
# images: ["python"]
# outcome: "success"
# value: {"name": "sandbox", "changed": []}
# runs: 2
import os
import socket


def handler(inputs, context):
    name = os.uname().nodename
    changed = []
    try:
        socket.sethostname("hostile")
        changed.append("call")
    except OSError:
        pass
    for setting in ("hostname", "domainname"):
        try:
            with open(f"/proc/sys/kernel/{setting}", "w") as file:
                file.write("hostile")
            changed.append(setting)
        except OSError:
            pass
    return {"name": name, "changed": changed}
