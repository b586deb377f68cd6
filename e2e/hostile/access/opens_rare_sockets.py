# Opens sockets of the families that reach past a network namespace or into rarely used parts of the kernel. A plain one shows
# that it tried.
#
# images: ["python"]
# outcome: "success"
# value: ["unix"]
import socket

FAMILIES = {
    "unix": (1, 1, 0), "ax25": (3, 2, 0), "ipx": (4, 2, 0), "netlink kobject": (16, 3, 15), "netlink audit": (16, 3, 9),
    "netlink netfilter": (16, 3, 12), "netlink crypto": (16, 3, 21), "packet": (17, 3, 768), "rds": (21, 5, 0), "can": (29, 3, 1),
    "tipc": (30, 2, 0), "bluetooth": (31, 3, 1), "alg": (38, 5, 0), "vsock": (40, 1, 0), "kcm": (41, 5, 0), "qipcrtr": (42, 2, 0),
    "xdp": (44, 3, 0), "raw": (2, 3, 1), "raw6": (10, 3, 58),
}  # fmt: skip


def handler(inputs, context):
    opened = []
    for name, (family, kind, protocol) in FAMILIES.items():
        try:
            socket.socket(family, kind, protocol).close()
            opened.append(name)
        except OSError:
            pass
    return opened
