# Many threads write the same result to the runner's channel at the same time. There is exactly one result.
#
# images: ["python"]
# outcome: "success"
# value: "same"
import os
import threading


def handler(inputs, context):
    line = b'{"event":"result","status":"success","value":"same"}\n'
    writers = [threading.Thread(target=lambda: [os.write(250, line) for _ in range(50)]) for _ in range(8)]
    for writer in writers:
        writer.start()
    return "same"
