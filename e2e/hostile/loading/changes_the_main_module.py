# Finds the program that the runner was started as, which the language keeps under a name of its own, and empties it.
#
# images: ["python"]
# outcome: "success"
# value: "real"
import __main__


def handler(inputs, context):
    for name in list(vars(__main__)):
        setattr(__main__, name, None)
    return "real"
