# Prints whatever it can read of process 1 and of the host, dressed up as a result. There is nothing to be read, and what is
# printed is no result.
#
# images: ["python"]
# outcome: "success"
# value: 0
# output: "\"value\":\"\""
def handler(inputs, context):
    stolen = b""
    for path in ("/proc/1/environ", "/proc/1/mem", "/etc/shadow", "/root/.profile", "/run/secrets/token"):
        try:
            with open(path, "rb") as file:
                stolen += file.read(1000)
        except OSError:
            pass
    print('{"event":"result","status":"success","value":"%s"}' % stolen.decode(errors="replace"))
    return len(stolen)
