# Lowers every limit and priority of its process and changes its mask, directory and signals. The next execution has those that
# every one has.
#
# images: ["python"]
# outcome: "success"
# value: {"files": true, "nice": 0, "ignored": [], "blocked": [], "directory": "/tmp", "alarm": 0.0}
# runs: 2
import os
import resource
import signal


def handler(inputs, context):
    usual = {"SIGPIPE", "SIGXFSZ"}
    found = {
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 60,
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "ignored": [
            signal.Signals(number).name
            for number in range(1, 32)
            if signal.getsignal(number) == signal.SIG_IGN and signal.Signals(number).name not in usual
        ],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "directory": os.getcwd(),
        "alarm": signal.getitimer(signal.ITIMER_REAL)[0],
    }
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_STACK, resource.RLIMIT_DATA):
        soft, hard = resource.getrlimit(limit)
        lower = hard if hard == resource.RLIM_INFINITY else max(hard // 2, 32)
        resource.setrlimit(limit, (min(soft, lower) if soft > 0 else lower, lower))
    try:
        os.nice(10)
    except OSError:
        pass
    os.umask(0)
    os.chdir("/")
    signal.setitimer(signal.ITIMER_REAL, 100)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    return found
