# Writes files until memory, which scratch files take, is full, although there is room for more files.
#
# images: ["python"]
# outcome: "out_of_memory"
# request: {"timeout_ms": 30000, "limits": {"memory_bytes": 50331648, "disk_bytes": 268435456, "cpu_time_ms": 20000}}
def handler(inputs, context):
    with open("/tmp/file", "wb") as file:
        for _ in range(255):
            file.write(b"x" * (1 << 20))
    return "written"
