# Keeps bytes until there is no memory left.
#
# images: ["python"]
# outcome: "out_of_memory"
# details: {"limit_name": "memory_bytes", "limit": 67108864}
# request: {"timeout_ms": 30000, "limits": {"memory_bytes": 67108864, "cpu_time_ms": 20000}}
def handler(inputs, context):
    kept = []
    while True:
        kept.append(b"x" * (1 << 20))
