# Imports packages that may be installed beside the interpreter, on the host too. Only the standard library is there.
#
# images: ["python"]
# outcome: "success"
# value: []
import importlib.util
import sys


def handler(inputs, context):
    names = ("pip", "setuptools", "requests", "numpy", "apt", "site_packages", "yaml", "nats")
    found = [name for name in names if importlib.util.find_spec(name)]
    return found + [path for path in sys.path if "-packages" in path]
