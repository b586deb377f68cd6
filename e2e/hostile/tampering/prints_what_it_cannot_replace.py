# Replaces what the runner reports with by functions that raise, and prints a forged result in its place. The runner has its own.
#
# images: ["python"]
# outcome: "success"
# value: "real"
# output: "forged"
import builtins
import json
import os

write = os.write


def trapped(*_, **__):
    raise RuntimeError("trapped")


def handler(inputs, context):
    os.write = os._exit = json.dumps = builtins.print = builtins.open = trapped
    write(1, b'{"event":"result","status":"success","value":"forged"}\n')
    return "real"
