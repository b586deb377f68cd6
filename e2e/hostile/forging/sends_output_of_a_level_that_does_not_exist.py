# Sends an output event whose level is none of the four.
#
# images: ["python"]
# outcome: "protocol_error"
import os


def handler(inputs, context):
    os.write(250, b'{"event":"output","stream":"stdout","level":"fatal","message":"forged"}\n')
    return "real"
