# Leaves marks in the modules of the language, in its built-in functions and in its environment.
#
# images: ["python"]
# outcome: "success"
# value: []
# runs: 3
import builtins
import json
import os
import sys


def handler(inputs, context):
    places = {"builtins": builtins, "sys": sys, "json": json, "function": sys.modules["function"]}
    found = [name for name, place in places.items() if hasattr(place, "crossing")]
    found += ["environment"] if "CROSSING" in os.environ else []
    found += ["module"] if "crossing" in sys.modules else []
    for place in places.values():
        place.crossing = True
    sys.modules["crossing"] = sys
    os.environ["CROSSING"] = "x"
    return found
