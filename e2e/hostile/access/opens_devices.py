# Opens and makes devices that give memory, disks, terminals, virtual machines or file systems. The ones that give nothing are
# there.
#
# images: ["python"]
# outcome: "success"
# value: ["/dev/null", "/dev/zero"]
import os
import stat

DEVICES = {
    "/dev/null": (1, 3), "/dev/zero": (1, 5), "/dev/mem": (1, 1), "/dev/kmem": (1, 2), "/dev/port": (1, 4), "/dev/kmsg": (1, 11),
    "/dev/tty": (5, 0), "/dev/console": (5, 1), "/dev/tty1": (4, 1), "/dev/sda": (8, 0), "/dev/vda": (254, 0),
    "/dev/loop0": (7, 0), "/dev/fuse": (10, 229), "/dev/kvm": (10, 232), "/dev/net/tun": (10, 200), "/dev/vhost-net": (10, 238),
    "/dev/userfaultfd": (10, 126),
}  # fmt: skip


def handler(inputs, context):
    opened = []
    for path, (major, minor) in DEVICES.items():
        made = f"/tmp/{minor}"
        try:
            os.mknod(made, stat.S_IFCHR | 0o666, os.makedev(major, minor))
            os.mknod(f"{made}b", stat.S_IFBLK | 0o666, os.makedev(major, minor))
        except OSError:
            pass
        for name in (path, made, f"{made}b"):
            try:
                os.close(os.open(name, os.O_RDWR))
                opened.append(name)
            except OSError:
                pass
    return opened
