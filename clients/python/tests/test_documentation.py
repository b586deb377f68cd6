"""Whether the examples work that the documentation gives."""

import asyncio
import contextlib
import doctest
import importlib
import io
import pkgutil
import re
import unittest
from pathlib import Path
from typing import Any

import veritech_client
from tests.networked import Networked, request
from veritech_client import CallError, FailureCode

README = Path(__file__).resolve().parents[1] / "README.md"


def modules() -> list[Any]:
    walked = pkgutil.walk_packages(veritech_client.__path__, "veritech_client.")
    return [veritech_client, *(importlib.import_module(module.name) for module in walked)]


class Docstrings(unittest.TestCase):
    def test_examples_in_docstrings_do_what_they_say(self) -> None:
        attempted = 0
        for module in modules():
            # As after `from veritech_client import *`.
            names = {name: getattr(veritech_client, name) for name in veritech_client.__all__}
            results = doctest.testmod(module, extraglobs=names)
            self.assertEqual(results.failed, 0, module.__name__)
            attempted += results.attempted
        self.assertGreater(attempted, 15)

    def test_every_public_name_says_what_it_is(self) -> None:
        for name in veritech_client.__all__:
            exported = getattr(veritech_client, name)
            if isinstance(exported, type):
                self.assertTrue(exported.__doc__, name)


class Readme(Networked):
    def blocks(self) -> list[str]:
        return re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)

    async def test_its_examples_work(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        client = await self.client(server)
        first, *others = self.blocks()
        names: dict[str, Any] = {}
        exec("\n".join([first.replace("asyncio.run(main())", ""), *others]), names)

        async def answer() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted(), taken.output("hi"), taken.value('"Hello, world!"'))

        async def throw() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted(), taken.failure(FailureCode.EXCEPTION))

        async def wait() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted())
            await dispatcher.cancellation()
            await taken.say(taken.failure(FailureCode.CANCELLED))

        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            await self.both(names["follow"](client.call(request())), answer())
            await self.both(names["value_or_none"](client, request()), throw())
            call = client.call(request())
            reading = asyncio.ensure_future(call.result())
            # The call is cancelled once it is under way.
            waiting = asyncio.ensure_future(wait())
            while call.attempts == 0:
                await asyncio.sleep(0)
            await names["stop"](call)
            with self.assertRaises(CallError):
                await reading
            await waiting
        self.assertEqual(printed.getvalue().splitlines(), ["stdout: hi", "None", "one has ended it"])

    async def test_its_first_example_is_a_program(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        program = self.blocks()[0].replace("nats://127.0.0.1:4222", server.url)
        printed = io.StringIO()

        async def answer() -> None:
            taken = await dispatcher.take()
            self.assertEqual(taken.request["inputs"], {"name": "world"})
            await taken.say(taken.accepted(), taken.value('"Hello, world!"'))

        with contextlib.redirect_stdout(printed):
            await self.both(asyncio.to_thread(exec, program, {}), answer())
        self.assertEqual(printed.getvalue(), "Hello, world!\n")

    def test_its_tables_have_every_option_and_its_default(self) -> None:
        text = README.read_text()
        for cls in (veritech_client.Options, veritech_client.CallOptions):
            for name in cls.__dataclass_fields__:
                self.assertIn(f"| `{name}` |", text)
        options = veritech_client.Options()
        self.assertIn(f"| `accept_timeout_ms` | {options.accept_timeout_ms} |", text)
        self.assertIn(f"| `deadline_grace_ms` | {options.deadline_grace_ms} |", text)
        self.assertIn(f"| `mailbox_capacity` | {options.mailbox_capacity} |", text)
        for name in ("max_event_bytes", "max_value_bytes", "mailbox_bytes"):
            self.assertIn(f"| `{name}` | {getattr(options, name) >> 20} MiB |", text)
