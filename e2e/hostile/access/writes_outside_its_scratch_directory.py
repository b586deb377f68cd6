# Writes, links and changes modes and times wherever a file of others could be, the program that executes it among them. Its
# scratch directory shows that it tried.
#
# images: ["python"]
# outcome: "success"
# value: ["/tmp"]
import os
import sys


def handler(inputs, context):
    changed = []
    library = os.path.dirname(os.__file__)
    for directory in ("/tmp", "/", "/usr", "/usr/bin", "/veritech", "/etc", "/dev", "/proc", "/sys", "/var", "/run", library):
        for change in (
            lambda path: os.close(os.open(path, os.O_WRONLY | os.O_CREAT)),
            lambda path: os.mkdir(path),
            lambda path: os.symlink("/etc/passwd", path),
            lambda path: os.link("/proc/self/exe", path, follow_symlinks=True),
        ):
            try:
                change(f"{directory}/hostile")
                changed.append(directory)
                break
            except OSError:
                pass
    for path in ("/proc/self/exe", sys.executable, os.__file__, sys.argv[0], "/proc/1/exe", "/veritech/cyclone"):
        for change in (
            lambda path: os.close(os.open(path, os.O_WRONLY)),
            lambda path: os.chmod(path, 0o777),
            lambda path: os.utime(path, (0, 0)),
            lambda path: os.rename(path, f"{path}.old"),
            lambda path: os.unlink(path),
        ):
            try:
                change(path)
                changed.append(path)
                break
            except OSError:
                pass
    return changed
