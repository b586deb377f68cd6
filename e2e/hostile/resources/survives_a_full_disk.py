# Fills the disk, notices, makes room and returns. A limit that the function survives is no failure.
#
# images: ["python"]
# outcome: "success"
# value: 28
# request: {"timeout_ms": 30000, "limits": {"disk_bytes": 2097152}}
import os


def handler(inputs, context):
    try:
        with open("/tmp/file", "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 65536)
    except OSError as error:
        os.unlink("/tmp/file")
        return error.errno
