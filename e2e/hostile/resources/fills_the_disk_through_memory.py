# Maps a file for which there is no room left and writes to it. The kernel can only end the process for that, and the reason
# is the disk.
#
# images: ["python"]
# outcome: "disk_full"
# request: {"timeout_ms": 30000, "limits": {"disk_bytes": 2097152}}
import mmap


def handler(inputs, context):
    with open("/tmp/first", "wb") as file:
        file.write(b"x" * (3 << 19))
    with open("/tmp/second", "wb+") as file:
        file.truncate(1 << 20)
        with mmap.mmap(file.fileno(), 1 << 20) as mapped:
            for place in range(0, 1 << 20, 4096):
                mapped[place] = 1
    return "written"
