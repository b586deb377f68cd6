# Installs an audit hook that raises at everything, then raises. The error is still told.
#
# images: ["python"]
# outcome: "exception"
# message: "ValueError: real"
import sys


def refuse(event, arguments):
    raise RuntimeError("trapped")


def handler(inputs, context):
    sys.addaudithook(refuse)
    raise ValueError("real")
