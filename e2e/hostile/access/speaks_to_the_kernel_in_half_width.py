# Calls the kernel by the x32 interface, whose numbers have one bit more than the ones that a filter knows.
#
# images: ["python"]
# outcome: ["runner_exited", "success"]
# value: []
import ctypes
import platform


def handler(inputs, context):
    if platform.machine() != "x86_64":
        return []
    library = ctypes.CDLL(None)
    numbers = (39, 101, 165, 272, 520, 521, 539, 540)
    return [number for number in numbers if library.syscall(0x40000000 | number, 0, 0, 0, 0, 0) != -1]
