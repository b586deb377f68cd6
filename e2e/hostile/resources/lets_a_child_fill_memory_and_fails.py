# Lets a child process run out of memory and raises an error for it. It failed and a limit was hit: the limit is the reason.
#
# images: ["python"]
# outcome: "out_of_memory"
# request: {"timeout_ms": 30000, "limits": {"memory_bytes": 67108864, "cpu_time_ms": 20000}}
import subprocess
import sys


def handler(inputs, context):
    code = "kept = []\nwhile True: kept.append(b'x' * (1 << 20))"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, stderr=subprocess.DEVNULL)
