// Calls the C library past the runtime: to become root, to mount, to trace, to make a namespace. Being asked by another way is
// no permission. What it may ask of itself shows that it tried.
//
// images: ["deno"]
// outcome: "success"
// value: ["getpid"]
export default () => {
  const int = { parameters: ['i32', 'i32', 'i32', 'i32'], result: 'i32' };
  const library = Deno.dlopen('libc.so.6', {
    getpid: int, setuid: int, setgid: int, unshare: int, chroot: { ...int, parameters: ['buffer'] }, ptrace: int, setns: int,
    mount: { parameters: ['buffer', 'buffer', 'buffer', 'u64', 'buffer'], result: 'i32' },
  });
  const text = (value) => new TextEncoder().encode(`${value}\0`);
  const attempts = {
    getpid: () => library.symbols.getpid(0, 0, 0, 0),
    setuid: () => library.symbols.setuid(0, 0, 0, 0),
    setgid: () => library.symbols.setgid(0, 0, 0, 0),
    unshare: () => library.symbols.unshare(0x10000000, 0, 0, 0),
    chroot: () => library.symbols.chroot(text('/tmp')),
    ptrace: () => library.symbols.ptrace(16, 1, 0, 0),
    setns: () => library.symbols.setns(0, 0, 0, 0),
    mount: () => library.symbols.mount(text('x'), text('/tmp'), text('tmpfs'), 0n, null),
  };
  return Object.keys(attempts).filter((name) => attempts[name]() >= 0);
};
