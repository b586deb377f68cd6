# Leaves directories that are deeper than any path may be long, names that are no text, and modes that allow nothing. Nobody has
# to walk through them: the whole file system goes.
#
# images: ["python"]
# outcome: "success"
# value: "left"
# request: {"timeout_ms": 30000}
import os


def handler(inputs, context):
    os.chdir("/tmp")
    for name in (b"\xff\xfe", b"new\nline", b"-rf", b"..." + b"x" * 250, "e\u0301".encode()):
        os.mkdir(name)
        os.symlink(b"..", name + b"/up")
        os.symlink(b"/", name + b"/root")
        os.chmod(name, 0)
    for _ in range(1000):
        os.mkdir("deep" * 20)
        os.chdir("deep" * 20)
    with open("bottom", "w") as file:
        file.write("x")
    os.chmod(".", 0)
    return "left"
