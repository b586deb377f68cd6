# Sends open sockets through sockets and closes its own, so that the kernel holds what no limit of descriptors counts any
# more. The kernel has a limit for that too.
#
# images: ["python"]
# outcome: ["exception", "out_of_memory"]
# request: {"timeout_ms": 30000}
import array
import socket


def handler(inputs, context):
    kept = []
    while True:
        one, other = socket.socketpair()
        one.setblocking(False)
        files = array.array("i", [other.fileno()] * 64)
        one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
        kept.append(one)
