# Leaves threads that the interpreter would wait for at its end, and never does.
#
# images: ["python"]
# outcome: "success"
# value: 8
# request: {"timeout_ms": 30000}
import threading
import time


def handler(inputs, context):
    threads = [threading.Thread(target=time.sleep, args=(3600,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    return sum(thread.is_alive() for thread in threads)
