// Asks the runtime itself for what the system would refuse: other users, other processes, its permissions, its bindings.
//
// images: ["node"]
// outcome: "success"
// value: ["umask"]
export default () => {
  const attempts = {
    umask: () => process.umask(),
    setuid: () => process.setuid(0),
    setgid: () => process.setgid(0),
    setgroups: () => process.setgroups([0]),
    initgroups: () => process.initgroups('root', 0),
    chdir: () => process.chdir('/proc/1/cwd'),
    'fs of process 1': () => process.getBuiltinModule('node:fs').readdirSync('/proc/1/fd'),
    'load program': () => process.dlopen({ exports: {} }, '/proc/1/exe'),
    'write report': () => {
      process.report.writeReport('/usr/report.json');
      return process.getBuiltinModule('node:fs').readFileSync('/usr/report.json');
    },
  };
  return Object.keys(attempts).filter((name) => {
    try { attempts[name](); } catch { return false; }
    return true;
  });
};
