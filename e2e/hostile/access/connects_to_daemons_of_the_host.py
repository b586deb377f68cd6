# Connects to the sockets of daemons that are as good as root, by their paths and by every name that the kernel lists. A socket
# of its own shows that it tried.
#
# images: ["python"]
# outcome: "success"
# value: ["/tmp/own"]
import socket

PATHS = (
    "/tmp/own", "/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock",
    "/run/dbus/system_bus_socket", "/run/systemd/private", "/run/systemd/notify", "/dev/log", "/run/udev/control",
    "\0/containerd-shim", "\0veritech", "\0/tmp/dbus",
)  # fmt: skip


def handler(inputs, context):
    own = socket.socket(socket.AF_UNIX)
    own.bind("/tmp/own")
    own.listen()
    try:
        with open("/proc/net/unix") as listed:
            names = [line.split()[-1] for line in listed if line.split()[-1][0] in "/@"]
    except OSError:
        names = []
    reached = set()
    for path in (*PATHS, *(name.replace("@", "\0") for name in names)):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            try:
                socket.socket(socket.AF_UNIX, kind).connect(path)
                reached.add(path)
            except OSError:
                pass
    return sorted(reached)
