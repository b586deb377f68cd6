# Gets variables that would make the interpreter load code. They are set when it has started, and change nothing about it.
#
# images: ["python"]
# outcome: "success"
# value: ["/tmp", false]
# request: {"env": {"PYTHONPATH": "/tmp", "PYTHONSTARTUP": "/tmp/x.py", "PYTHONINSPECT": "1", "LD_PRELOAD": "/tmp/x.so"}}
import os
import sys


def handler(inputs, context):
    return [os.environ["PYTHONPATH"], "/tmp" in sys.path]
