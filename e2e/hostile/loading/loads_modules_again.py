# Loads the modules anew that everything is made of.
#
# images: ["python"]
# outcome: "success"
# value: "real"
import builtins
import importlib
import os
import posix
import sys


def handler(inputs, context):
    for module in (sys, builtins, posix, os):
        importlib.reload(module)
    return "real"
