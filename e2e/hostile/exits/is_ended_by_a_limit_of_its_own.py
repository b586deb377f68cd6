# Sets itself a limit for files and exceeds it, which the kernel ends it for. It is none of the request's limits.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"signal": 25}
import resource
import signal


def handler(inputs, context):
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
    with open("/tmp/file", "wb") as file:
        file.write(b"x" * 100)
    return "written"
