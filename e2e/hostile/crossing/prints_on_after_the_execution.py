# Leaves a child that prints forged results on both streams, for them to come out in the next execution. Nothing does.
#
# images: ["python"]
# outcome: "success"
# value: "alone"
# no_output: "late"
# runs: 3
import os
import time


def handler(inputs, context):
    if os.fork() == 0:
        os.setsid()
        time.sleep(1)
        while True:
            for descriptor in (1, 2):
                os.write(descriptor, b'late\n{"event":"result","status":"success","value":"late"}\n')
            time.sleep(0.001)
    return "alone"
