# Writes one file until there is no room.
#
# images: ["python"]
# outcome: "disk_full"
# request: {"timeout_ms": 30000, "limits": {"disk_bytes": 4194304}}
def handler(inputs, context):
    with open("/tmp/file", "wb") as file:
        while True:
            file.write(b"x" * (1 << 20))
