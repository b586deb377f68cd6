# Installs an audit hook, which cannot be removed, that raises at everything. The runner does nothing audited after the
# handler has returned.
#
# images: ["python"]
# outcome: "success"
# value: {"a": [1, "x"]}
import sys


def refuse(event, arguments):
    raise RuntimeError("trapped")


def handler(inputs, context):
    sys.addaudithook(refuse)
    return {"a": [1, "x"]}
