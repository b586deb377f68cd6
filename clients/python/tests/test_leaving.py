"""Calls that are left, forgotten, cancelled or read too slowly: nothing of them stays, and nothing grows."""

import asyncio
import gc
import time
import unittest
import warnings

from nats.aio.msg import Msg

from tests.dispatcher import Dispatcher, Taken
from tests.nats_server import NatsServer, eventually
from tests.networked import Networked, request
from veritech_client import Accepted, Call, CallClosed, CallOptions, Client, FailureCode, Options, Output, Result
from veritech_client.transport import Capacity, _Letters


class Leaving(Networked):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.nats: NatsServer = await self.server()
        self.taker: Dispatcher = await self.dispatcher(self.nats)
        self.caller: Client = await self.client(self.nats)

    async def released(self) -> None:
        """Waits until the server knows no mailbox."""

        async def is_released() -> bool:
            return await self.nats.mailboxes() == 0

        await eventually("a server without mailboxes", is_released)

    async def nothing_was_cancelled(self) -> None:
        """Checks that the next cancellation is this one, so that there was none before."""
        _, cancelled = await asyncio.gather(self.caller.cancel("last"), self.taker.cancellation())
        self.assertEqual(cancelled, "last")

    async def accept(self) -> Taken:
        """Accepts the next request."""
        taken = await self.taker.take()
        await taken.say(taken.accepted(60_000))
        return taken

    async def begun(self) -> tuple[Call, Taken]:
        """Returns a call that was accepted."""
        call = self.caller.call(request())
        event, taken = await asyncio.gather(anext(call), self.accept())
        self.assertIsInstance(event, Accepted)
        return call, taken

    async def test_a_loop_left_by_break_releases_the_mailbox_and_cancels_nothing(self) -> None:
        async def read() -> None:
            async for event in self.caller.call(request()):
                self.assertIsInstance(event, Accepted)
                break

        await self.both(read(), self.accept())
        await self.released()
        await self.nothing_was_cancelled()

    async def test_leaving_the_block_of_a_call_closes_it(self) -> None:
        call, _ = await self.begun()
        async with call:
            pass
        await self.released()
        await self.nothing_was_cancelled()
        for read in (call.result(), anext(call)):
            with self.assertRaises(CallClosed):
                await read

    async def test_a_call_that_is_forgotten_releases_its_mailbox(self) -> None:
        call, _ = await self.begun()
        circle = [call]
        circle.append(circle)  # type: ignore[arg-type]
        del call, circle
        gc.collect()
        await self.released()

    async def test_a_call_that_nobody_reads_is_never_sent_and_complains_of_nothing(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.caller.call(request())
            gc.collect()
        await self.nothing_was_cancelled()
        await self.released()

    async def test_a_task_that_is_cancelled_while_it_awaits_the_result_closes_the_call(self) -> None:
        call = self.caller.call(request())
        task = asyncio.create_task(call.result())
        await self.accept()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        await self.released()
        await self.nothing_was_cancelled()
        with self.assertRaises(CallClosed):
            await call

    async def test_a_task_that_is_cancelled_at_any_moment_leaves_nothing(self) -> None:
        for turns in range(12):
            task = asyncio.create_task(self.caller.call(request()).result())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
        await self.released()

    async def test_a_task_that_is_cancelled_at_any_moment_while_it_reads_loses_no_event(self) -> None:
        async def script() -> None:
            taken = await self.accept()
            for number in range(40):
                await taken.say(taken.output(str(number)))
                await asyncio.sleep(0)
            await taken.say(taken.value("7"))

        async def read() -> list[str]:
            call, messages, turns = self.caller.call(request()), [], 0
            while True:
                task = asyncio.ensure_future(anext(call))
                for _ in range(turns % 9):
                    await asyncio.sleep(0)
                turns += 1
                task.cancel()
                try:
                    event = await task
                except asyncio.CancelledError:
                    await asyncio.sleep(0)
                    continue
                if isinstance(event, Output):
                    messages.append(event.message)
                if isinstance(event, Result):
                    self.assertEqual((await call).value(), 7)
                    return messages

        self.assertEqual(await self.both(read(), script()), [str(number) for number in range(40)])

    async def test_a_time_limit_of_the_application_may_be_put_around_an_event(self) -> None:
        call, taken = await self.begun()
        with self.assertRaises(TimeoutError):
            await asyncio.wait_for(anext(call), 0.05)
        await taken.say(taken.value("1"))
        self.assertEqual((await call).value(), 1)

    async def test_closing_a_call_wakes_who_reads_it(self) -> None:
        call, _ = await self.begun()
        reader = asyncio.ensure_future(anext(call))
        await asyncio.sleep(0)
        with self.assertRaisesRegex(RuntimeError, "another task"):
            await anext(call)
        call.close()
        with self.assertRaises(CallClosed):
            await reader
        await self.released()

    async def test_what_comes_too_late_for_anybody_is_no_trouble(self) -> None:
        call, taken = await self.begun()
        call.close()
        await taken.say(taken.output("late"), taken.value("1"))
        await taken.heard()
        await self.released()

    async def test_a_reader_that_was_slow_finds_the_result_and_not_a_silence(self) -> None:
        call = self.caller.call(request())

        async def script() -> None:
            taken = await self.taker.take()
            await taken.say(taken.accepted(10))
            await taken.say(taken.started(), taken.output("x" * 100_000), taken.value("1"))
            await taken.heard()

        await self.both(anext(call), script())
        # As a reader that computes does: it holds the loop for longer than three heartbeats.
        time.sleep(0.2)  # noqa: ASYNC251
        self.assertEqual((await call).value(), 1)

    async def test_a_loop_that_is_held_by_others_is_no_silence(self) -> None:
        call = self.caller.call(request())
        release = asyncio.Event()

        async def script() -> None:
            taken = await self.taker.take()
            await taken.say(taken.accepted(10))
            await release.wait()
            await taken.say(taken.value("1"))
            await taken.heard()
            time.sleep(0.2)  # noqa: ASYNC251

        async def read() -> None:
            await anext(call)
            release.set()
            self.assertEqual((await call).value(), 1)

        await self.both(read(), script())

    async def test_a_thousand_calls_leave_nothing(self) -> None:
        async def answer() -> None:
            for _ in range(1000):
                taken = await self.taker.take()
                await taken.say(taken.accepted(60_000), taken.value("1"))

        async def call() -> None:
            for _ in range(20):
                await asyncio.gather(*(self.caller.call(request()).result() for _ in range(50)))

        await self.both(call(), answer())
        await self.released()


class Slowness(Networked):
    async def test_events_that_nobody_reads_are_bounded_and_end_the_call(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        for options, size in [(Options(mailbox_capacity=5), 1), (Options(mailbox_bytes=5000), 1000)]:
            call = (await self.client(server, options)).call(request())

            async def script(size: int = size) -> None:
                taken = await dispatcher.take()
                await taken.say(taken.accepted(60_000))
                for _ in range(100):
                    await taken.say(taken.output("x" * size))
                await taken.say(taken.value("1"))
                await taken.heard()

            await self.both(anext(call), script())
            error = await self.failure(call)
            self.assertIs(error.code, FailureCode.SEQUENCE_GAP)
            self.assertLess(error.failure.details["expected"], 20)

    async def test_a_flood_is_dropped_after_the_first_event_that_was_lost(self) -> None:
        letters = _Letters(Capacity(messages=3, size=100))
        for _ in range(1000):
            await letters.put(Msg(_client=None, data=b"x"))  # type: ignore[arg-type]
        self.assertEqual(len(letters.waiting), 4)


class Busyness(Networked):
    async def test_a_lost_connection_takes_what_its_buffer_holds_and_no_more(self) -> None:
        server = await self.server()
        client = await self.client(server, Options(accept_timeout_ms=50))
        server.kill()

        async def is_lost() -> bool:
            error = await self.failure(client.call(request(inputs="x" * 900_000), CallOptions(deadline_ms=300)))
            self.assertIn(error.code, (FailureCode.NOT_ACCEPTED, FailureCode.DEADLINE_EXCEEDED))
            return "buffer is full" in str(error) or "takes nothing more" in str(error)

        await eventually("a connection whose buffer is full", is_lost)


class Programs(unittest.TestCase):
    def test_a_program_that_ends_in_the_middle_of_a_call_says_nothing(self) -> None:
        """Ends an event loop under a call, as `asyncio.run` does at the end of a program."""
        kept: list[object] = []

        async def main() -> None:
            server = await NatsServer.start()
            self.addCleanup(server.stop)
            client = await Client.connect(server.url)
            dispatcher = await Dispatcher.start(server.url)
            call = client.call(request())
            task = asyncio.create_task(anext(call))
            await dispatcher.take()
            kept.extend([task, call, client, dispatcher])

        complaints: list[object] = []
        with warnings.catch_warnings(record=True) as caught, asyncio.Runner() as runner:
            warnings.simplefilter("always")
            runner.get_loop().set_exception_handler(lambda _, context: complaints.append(context))
            runner.run(main())
            runner.close()
            kept.clear()
            gc.collect()
        self.assertEqual(complaints, [])
        self.assertEqual([str(warning.message) for warning in caught if "never" in str(warning.message)], [])
