# Makes the system calls that change mounts, namespaces, modules, clocks, other processes and the kernel itself, with arguments
# that do nothing where they are allowed. Each must be refused as such, before its arguments are looked at. A harmless one shows
# that it tried. The numbers are those of x86-64.
#
# images: ["python"]
# outcome: "success"
# value: ["getpid"]
import ctypes
import errno
import platform

CALLS = {
    "getpid": 39, "ptrace": 101, "syslog": 103, "uselib": 134, "personality": 135, "ustat": 136, "sysfs": 139, "vhangup": 153,
    "modify_ldt": 154, "pivot_root": 155, "adjtimex": 159, "chroot": 161, "acct": 163, "settimeofday": 164, "mount": 165,
    "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169, "sethostname": 170, "setdomainname": 171, "iopl": 172,
    "ioperm": 173, "init_module": 175, "delete_module": 176, "quotactl": 179, "lookup_dcookie": 212, "clock_settime": 227,
    "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250, "migrate_pages": 256, "unshare": 272,
    "move_pages": 279, "vmsplice": 278, "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "kcmp": 312, "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425,
    "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431,
    "fsmount": 432, "fspick": 433, "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
    "memfd_secret": 447, "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240, "mknod": 133, "sched_setscheduler": 144,
    "ioprio_set": 251, "setpriority": 141,
}  # fmt: skip


def handler(inputs, context):
    if platform.machine() != "x86_64":
        return ["getpid"]
    library = ctypes.CDLL(None, use_errno=True)
    refused = (errno.ENOSYS, errno.EPERM)
    answered = []
    for name, number in CALLS.items():
        ctypes.set_errno(0)
        answer = library.syscall(number, *[ctypes.c_long(-1)] * 6)
        if answer != -1 or ctypes.get_errno() not in refused:
            answered.append(name)
    return answered
