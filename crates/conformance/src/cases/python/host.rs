//! What a function finds around it.

use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "the_standard_library_is_there",
            "import base64, collections, datetime, decimal, functools, hashlib, itertools, json, re, statistics, string, textwrap, urllib.parse, uuid, zlib\ndef handler(inputs, context):\n  url = urllib.parse.urlsplit('https://example.com:8443/a?b=1')\n  return [json.loads('[1]'), re.sub('a+', 'b', 'caat'), base64.b64encode(b'x').decode(), hashlib.sha256(b'x').hexdigest()[:8], str(decimal.Decimal('0.1') + 1), datetime.date(2024, 2, 29).isoformat(), url.port, len(str(uuid.uuid4())), zlib.crc32(b'x')]",
        )
        .value(r#"[[1],"cbt","eA==","2d711642","1.1","2024-02-29",8443,36,2363233923]"#),
        case("tasks_run_side_by_side", "import asyncio\nasync def one(n, seen):\n  await asyncio.sleep(n / 100)\n  seen.append(n)\nasync def handler(inputs, context):\n  seen = []\n  async with asyncio.TaskGroup() as group:\n    for n in (3, 1, 2): group.create_task(one(n, seen))\n  return seen")
            .value("[1,2,3]"),
        case("a_handler_may_run_a_loop_of_its_own", "import asyncio\nasync def work():\n  await asyncio.sleep(0.001)\n  return 5\ndef handler(inputs, context):\n  return asyncio.run(work())")
            .value("5"),
        case("work_in_threads_can_be_awaited", "import asyncio\nasync def handler(inputs, context):\n  return await asyncio.gather(*(asyncio.to_thread(pow, 2, n) for n in range(4)))")
            .value("[1,2,4,8]"),
        case("pools_of_threads_work", "from concurrent.futures import ThreadPoolExecutor\ndef handler(inputs, context):\n  with ThreadPoolExecutor(3) as pool:\n    return list(pool.map(lambda n: n * n, range(4)))")
            .value("[0,1,4,9]"),
        case("child_processes_work", "import subprocess, sys\ndef handler(inputs, context):\n  return subprocess.run([sys.executable, '-ISc', 'print(input() + \"b\")'], input='a', capture_output=True, text=True, check=True).stdout")
            .value(r#""ab\n""#),
        case("child_processes_can_be_awaited", "import asyncio, sys\nasync def handler(inputs, context):\n  child = await asyncio.create_subprocess_exec(sys.executable, '-ISc', 'print(\"a\")', stdout=asyncio.subprocess.PIPE)\n  out, _ = await child.communicate()\n  return [out.decode(), child.returncode]")
            .value(r#"["a\n",0]"#),
        case("a_forked_child_is_not_the_function", "import os\ndef handler(inputs, context):\n  child = os.fork()\n  if child == 0: return 'forged'\n  os.waitpid(child, 0)\n  return 'real'")
            .value(r#""real""#),
        case("child_processes_do_not_get_the_event_pipe", "import subprocess, sys\ndef handler(inputs, context):\n  program = 'import os; print(*sorted(os.listdir(\"/proc/self/fd\")))'\n  return subprocess.run([sys.executable, '-ISc', program], capture_output=True, text=True, close_fds=False).stdout.split()")
            .value(r#"["0","1","2","3"]"#),
        case("stdin_is_empty", "import sys\ndef handler(inputs, context):\n  return sys.stdin.read()").value(r#""""#),
        case("the_source_can_be_inspected", "import inspect\ndef handler(inputs, context):\n  return inspect.getsource(handler).splitlines()[0]")
            .value(r#""def handler(inputs, context):""#),
        case("annotations_are_resolved", "from __future__ import annotations\nimport typing\nclass A:\n  x: int\ndef handler(inputs, context):\n  return typing.get_type_hints(A)['x'] is int")
            .value("true"),
        case("random_numbers_differ", "import random, secrets\ndef handler(inputs, context):\n  return [random.random() != random.random(), len(secrets.token_hex(8))]")
            .value("[true,16]"),
        case("modern_syntax_is_understood", "def handler(inputs, context):\n  match inputs:\n    case {'a': [first, *rest]}:\n      return [f'{first!r}', rest, (n := 5), 1_000]\n")
            .inputs(r#"{"a":["x",2]}"#)
            .value(r#"["'x'",[2],5,1000]"#),
        case("a_generator_works", "def g():\n  yield 1\n  yield from (2, 3)\nasync def h():\n  yield 4\nasync def handler(inputs, context):\n  return [*g()] + [n async for n in h()]")
            .value("[1,2,3,4]"),
    ]
}
