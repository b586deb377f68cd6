// Writes settings of the kernel, which would have the host execute a program, restart, or forget limits.
//
// images: ["node","deno"]
// outcome: "success"
// value: ["/tmp/control"]
import fs from 'node:fs';

const settings = {
  '/tmp/control': '1',
  '/proc/sys/kernel/core_pattern': '|/tmp/x',
  '/proc/sys/kernel/modprobe': '/tmp/x',
  '/proc/sys/kernel/hostname': 'hostile',
  '/proc/sys/kernel/randomize_va_space': '0',
  '/proc/sys/fs/binfmt_misc/register': ':x:M::x::/tmp/x:',
  '/proc/sys/vm/drop_caches': '0',
  '/proc/sys/user/max_user_namespaces': '1000',
  '/proc/sys/net/ipv4/ip_forward': '1',
  '/proc/sysrq-trigger': 'h',
  '/proc/self/oom_score_adj': '-1000',
  '/proc/1/oom_score_adj': '1000',
  '/proc/self/uid_map': '0 0 1',
  '/proc/self/setgroups': 'allow',
  '/proc/self/attr/current': 'unconfined',
  '/sys/kernel/uevent_helper': '/tmp/x',
  '/sys/fs/cgroup/cgroup.procs': '1',
  '/sys/fs/cgroup/memory.max': 'max',
  '/sys/fs/cgroup/memory/memory.limit_in_bytes': '-1',
};

export default () => Object.keys(settings).filter((file) => {
  try { fs.writeFileSync(file, settings[file]); } catch { return false; }
  return true;
});
