# Runs the programs that become root when they are executed, if there are any. Nobody becomes anything by executing something.
#
# images: ["python"]
# outcome: "success"
# value: {"its own user": true, "root": []}
import os
import stat
import subprocess
import sys


def privileged():
    """Returns the programs that ask to be executed as somebody else."""
    for directory in ("/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/lib/openssh", "/usr/lib/dbus-1.0"):
        for name in os.listdir(directory) if os.path.isdir(directory) else ():
            path = os.path.join(directory, name)
            if os.path.isfile(path) and os.stat(path).st_mode & (stat.S_ISUID | stat.S_ISGID):
                yield path


def handler(inputs, context):
    code = "import os; print(os.getuid(), os.geteuid())"
    own = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False).stdout.split()
    root = []
    for path in privileged():
        try:
            child = subprocess.Popen([path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError:
            continue
        try:
            if os.stat(f"/proc/{child.pid}").st_uid != os.getuid():
                root.append(path)
        except OSError:
            pass
        child.kill()
        child.wait()
    return {"its own user": own == [str(os.getuid())] * 2, "root": root}
