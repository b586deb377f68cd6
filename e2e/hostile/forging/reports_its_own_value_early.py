# Finds the runner's channel among the open files, writes a result to it and then returns another value. A function chooses
# its own value, so the first result counts; there is no second one.
#
# images: ["python"]
# outcome: "success"
# value: "first"
import os
import stat


def pipes():
    """Returns the pipes that are none of the standard streams."""
    found = []
    for descriptor in range(3, 1024):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                found.append(descriptor)
        except OSError:
            pass
    return found


def handler(inputs, context):
    for pipe in pipes():
        os.write(pipe, b'{"event":"result","status":"success","value":"first"}\n')
    return "second"
