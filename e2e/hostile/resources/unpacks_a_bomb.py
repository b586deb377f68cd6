# Unpacks a hundred megabytes of zeros out of a few bytes, at once.
#
# images: ["python"]
# outcome: "out_of_memory"
# request: {"timeout_ms": 30000, "limits": {"memory_bytes": 67108864, "cpu_time_ms": 20000}}
import zlib


def handler(inputs, context):
    packer = zlib.compressobj(1)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(96)) + packer.flush()
    return len(zlib.decompress(bomb))
