# Calls the kernel by the interface of 32-bit programs, whose calls have other numbers than the ones that a filter knows. The
# filter ends a process for that, or refuses. There is no such interface but on x86-64.
#
# images: ["python"]
# outcome: ["runner_exited", "success"]
# value: "refused"
import ctypes
import mmap
import platform


def handler(inputs, context):
    if platform.machine() != "x86_64":
        return "refused"
    # mov eax, 20 (getpid); int 0x80; ret
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    answer = call()
    return "refused" if answer < 0 else f"process {answer}"
