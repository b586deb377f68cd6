# Raises its own limits and priority, and changes those of process 1. Lowering one of its own shows that it tried.
#
# images: ["python"]
# outcome: "success"
# value: ["lower"]
import os
import resource


def more(limit):
    soft, hard = resource.getrlimit(limit)
    if hard == resource.RLIM_INFINITY:
        raise OSError
    resource.setrlimit(limit, (hard, hard + 1))


def handler(inputs, context):
    raised = []
    for name, call in {
        "lower": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
        "core": lambda: resource.setrlimit(resource.RLIMIT_CORE, (1, 1)),
        "files": lambda: more(resource.RLIMIT_NOFILE),
        "processes": lambda: more(resource.RLIMIT_NPROC),
        "file size": lambda: more(resource.RLIMIT_FSIZE),
        "locked memory": lambda: more(resource.RLIMIT_MEMLOCK),
        "messages": lambda: more(resource.RLIMIT_MSGQUEUE),
        "the files of process 1": lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (1, 1)),
        "priority": lambda: os.nice(-5),
        "the priority of process 1": lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
        "real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
        "all processors": lambda: os.sched_setaffinity(1, range(64)),
    }.items():
        try:
            call()
            raised.append(name)
        except (OSError, ValueError):
            pass
    return raised
