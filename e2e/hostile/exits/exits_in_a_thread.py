# Leaves as a program does, in a thread, which ends that thread only.
#
# images: ["python"]
# outcome: "success"
# value: "main"
import sys
import threading


def handler(inputs, context):
    thread = threading.Thread(target=sys.exit, args=(3,))
    thread.start()
    thread.join()
    return "main"
