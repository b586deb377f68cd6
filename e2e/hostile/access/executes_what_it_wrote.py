# Writes a program to its scratch directory and executes it, from the file and from memory without one. Programs are those of the
# image. The one of the image shows that it tried.
#
# images: ["python"]
# outcome: "success"
# value: ["image"]
import os
import shutil
import subprocess
import sys


def handler(inputs, context):
    executed = []
    shutil.copy(os.path.realpath(sys.executable), "/tmp/program")
    os.chmod("/tmp/program", 0o755)
    for name, program in (("image", sys.executable), ("scratch", "/tmp/program")):
        try:
            subprocess.run([program, "-I", "-S", "-c", "pass"], check=True, stderr=subprocess.DEVNULL)
            executed.append(name)
        except (OSError, subprocess.CalledProcessError):
            pass
    try:
        os.close(os.memfd_create("program"))
        executed.append("memory")
    except OSError:
        pass
    return executed
