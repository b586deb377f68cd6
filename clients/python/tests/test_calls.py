"""Calls over a real NATS server, to a dispatcher that says what it is told to."""

import asyncio
import json
from typing import Any

import nats

from tests.dispatcher import SHA256, Dispatcher, settle
from tests.nats_server import eventually
from tests.networked import QUICK, Networked, request
from veritech_client import (
    Backoff,
    CallOptions,
    Cancelled,
    Client,
    ConnectError,
    FailureCode,
    FoundBy,
    InParts,
    InvalidRequest,
    Kind,
    NotFound,
    Options,
    RequestedLimits,
    Result,
    Retry,
    Tenant,
    TraceContext,
    Value,
)

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Events(Networked):
    async def test_events_come_in_order_and_the_result_last(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        call = (await self.client(server)).call(request())

        async def script() -> str:
            taken = await dispatcher.take()
            await taken.say(taken.accepted(), taken.started(), taken.output("hi"), taken.value('{"b": 1.0}'))
            # Nothing after the result is read.
            await taken.say(taken.value("2"))
            return taken.id

        async def read() -> list[str]:
            return [event.name async for event in call]

        names, execution_id = await asyncio.gather(read(), script())
        self.assertEqual(names, ["accepted", "started", "output", "result"])
        self.assertEqual([event async for event in call], [])
        self.assertEqual(call.id, execution_id)
        result = await call
        self.assertEqual(result.json, '{"b": 1.0}')
        self.assertEqual((result.id, result.attempts), (execution_id, 1))
        self.assertIs(await call, result)

    async def test_a_value_in_parts_is_put_together(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted(), taken.part(0, '{"a'), taken.part(1, '":1}'))
            await taken.say(Result(taken.id, InParts(2, SHA256)))

        result = await self.both((await self.client(server)).call(request()), script())
        self.assertEqual(result.value(), {"a": 1})
        self.assertIn('"value":{"a":1}', result.event().encode())

    async def test_a_value_over_the_clients_bound_is_refused(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        client = await self.client(server, Options(max_value_bytes=5))

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted(), taken.part(0, '{"a'), taken.part(1, '":1}'))

        error = await self.failure(client.call(request()), script())
        self.assertIs(error.code, FailureCode.RESULT_TOO_LARGE)
        self.assertEqual(error.failure.details, {"bytes": 7, "limit": 5})
        self.assertIs(error.found_by, FoundBy.CLIENT)

    async def test_a_missing_event_ends_the_call(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted())
            await taken.say_as("3", taken.value("1").encode().encode())

        error = await self.failure((await self.client(server)).call(request()), script())
        self.assertIs(error.code, FailureCode.SEQUENCE_GAP)
        self.assertEqual(error.failure.details["found"], 3)
        self.assertIs(error.found_by, FoundBy.CLIENT)

    async def test_what_is_no_event_ends_the_call_and_nothing_else(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        client = await self.client(server)
        for text, violation in [
            (b"", "malformed_event"),
            (b"\xff\xfe", "malformed_event"),
            (b"[" * 10_000, "malformed_event"),
            (b'{"event":"result","id":"%s","status":"success","value":NaN}', "malformed_event"),
            (b'{"event":"part","id":"%s","index":0,"data":"\\ud800"}', "malformed_event"),
            (b'{"event":"part","id":"%s","index":' + b"9" * 5000 + b',"data":"x"}', "malformed_event"),
            (b'{"event":"heartbeat","id":"other"}', "foreign_event"),
            (b'{"event":"heartbeat"}', "foreign_event"),
            (b'{"event":"started","id":"%s","sandbox":"","engine":"","warm":true,"enforced":{}}', None),
            (b'{"event":"accepted","id":"%s","instance":"one","heartbeat_ms":1}', "untimely_event"),
        ]:

            async def script(text: bytes = text) -> None:
                taken = await dispatcher.take()
                await taken.say(taken.accepted())
                await taken.say_as("2", text.replace(b"%s", taken.id.encode()))
                await taken.say_as("3", taken.value("1").encode().encode())

            with self.subTest(text=text[:60]):
                if violation is None:
                    self.assertEqual((await self.both(client.call(request()), script())).json, "1")
                    continue
                error = await self.failure(client.call(request()), script())
                self.assertIs(error.code, FailureCode.INTERNAL)
                self.assertEqual(error.failure.details, {"violation": violation})
                self.assertIs(error.found_by, FoundBy.CLIENT)

    async def test_where_only_the_result_is_sent_silence_means_nothing(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        client = await self.client(server, Options(accept_timeout_ms=1))

        async def script() -> None:
            taken = await dispatcher.take()
            self.assertEqual(taken.request["replies"], "result")
            await taken.say_as("4", taken.value("1").encode().encode())

        call = client.call(request(replies="result"))
        event = await self.both(anext(call), script())
        self.assertEqual(event, Result(call.id, Value("1")))
        self.assertEqual((await call).attempts, 1)

    async def test_the_trace_and_the_tenant_travel_with_the_request(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        options = CallOptions(trace=TraceContext(PARENT, "a=b"), tenant=Tenant("billing"))

        async def script() -> dict[str, str]:
            taken = await dispatcher.take()
            await taken.say(taken.unset())
            return taken.headers

        call = (await self.client(server)).call(request(), options)
        result, headers = await asyncio.gather(call.result(), script())
        self.assertEqual(headers, {"traceparent": PARENT, "tracestate": "a=b", "Veritech-Tenant": "billing"})
        self.assertIsNone(result.json)


class Losses(Networked):
    async def test_a_silent_dispatcher_is_lost_and_so_is_one_behind_a_dead_server(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        client = await self.client(server)

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted(20), taken.started())

        error = await self.failure(client.call(request()), script())
        self.assertIs(error.code, FailureCode.DISPATCHER_LOST)
        self.assertEqual(error.attempts, 1, "what was started is not repeated")
        self.assertEqual(error.failure.details, {"limit_ms": 60, "last_sequence": 2})

        call = client.call(request())

        async def accept() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted(20))

        await self.both(anext(call), accept())
        server.kill()
        error = await self.failure(call)
        self.assertIs(error.code, FailureCode.DISPATCHER_LOST)

    async def test_where_nobody_is_the_call_fails_at_once_with_a_result_event(self) -> None:
        client = await self.client(await self.server())
        call = client.call(request(Kind.ACTION), CallOptions(retry=Retry.NEVER))
        [event] = [event async for event in call]
        assert isinstance(event, Result)
        self.assertEqual(event.id, call.id)
        error = await self.failure(call)
        self.assertEqual(event.outcome, error.failure)
        self.assertIs(error.code, FailureCode.NO_RESPONDERS)

    async def test_attempts_for_nobody_are_bounded_by_the_deadline(self) -> None:
        client = await self.client(await self.server())
        error = await self.failure(client.call(request(), CallOptions(deadline_ms=100)))
        self.assertIs(error.code, FailureCode.NO_RESPONDERS)
        self.assertGreater(error.attempts, 1)

    async def test_a_request_that_nobody_takes_is_cancelled_and_repeated_unless_it_acts(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        client = await self.client(server, Options(accept_timeout_ms=30, backoff=Backoff(first_ms=5)))

        async def ignore() -> None:
            ignored = await dispatcher.take()
            self.assertEqual(await dispatcher.cancellation(), ignored.id)

        error = await self.failure(client.call(request(Kind.ACTION)), ignore())
        self.assertIs(error.code, FailureCode.NOT_ACCEPTED)
        self.assertEqual(error.attempts, 1)

        async def ignore_once() -> None:
            await ignore()
            taken = await dispatcher.take()
            await taken.say(taken.accepted(), taken.value("1"))

        result = await self.both(client.call(request()), ignore_once())
        self.assertEqual(result.attempts, 2)

    async def test_the_deadline_ends_the_call_and_the_execution(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        client = await self.client(server)

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted())
            self.assertEqual(await dispatcher.cancellation(), taken.id)

        error = await self.failure(client.call(request(), CallOptions(deadline_ms=50)), script())
        self.assertIs(error.code, FailureCode.DEADLINE_EXCEEDED)

    async def test_a_closed_connection_ends_the_call_for_good(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        connection = await nats.connect(server.url)
        client = Client(connection, QUICK)

        async def script() -> None:
            await dispatcher.take()
            await connection.close()

        error = await self.failure(client.call(request(replies="result")), script())
        self.assertIs(error.code, FailureCode.DISPATCHER_LOST)
        error = await self.failure(client.call(request()))
        self.assertIs(error.code, FailureCode.NO_RESPONDERS)
        self.assertEqual(error.attempts, 1)

    async def test_calls_go_on_when_a_lost_connection_comes_back(self) -> None:
        server = await self.server()
        client = await self.client(server)
        await server.restart()
        dispatcher = await self.dispatcher(server)

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.value("1"))

        self.assertEqual((await self.both(client.call(request()), script())).value(), 1)


class Retries(Networked):
    async def test_a_call_waits_for_a_dispatcher_to_appear(self) -> None:
        server = await self.server()
        client = await self.client(server)

        async def script() -> None:
            taken = await (await self.dispatcher(server)).take()
            await taken.say(taken.accepted(), taken.value("7"))

        self.assertEqual((await self.both(client.call(request(Kind.ACTION)), script())).value(), 7)

    async def test_what_never_started_is_repeated_under_an_id_of_its_own(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        client = await self.client(server)
        for chosen in (None, "mine"):

            async def script() -> list[str]:
                first = await dispatcher.take()
                await first.say(first.failure(FailureCode.OVERLOADED))
                second = await dispatcher.take()
                await second.say(second.accepted(), second.failure(FailureCode.SANDBOX_START_FAILED))
                third = await dispatcher.take()
                await third.say(third.accepted(), third.value("null"))
                return [first.id, second.id, third.id]

            call = client.call(request(Kind.ACTION, id=chosen))
            began_as = call.id
            result, ids = await asyncio.gather(call.result(), script())
            self.assertEqual((result.attempts, result.id), (3, ids[2]))
            self.assertEqual(ids[0], began_as)
            self.assertEqual(len(set(ids)), 3 if chosen is None else 1)

    async def test_what_failed_after_it_was_started_is_repeated_only_if_asked_for(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        client = await self.client(server)
        for retry, codes in [
            (Retry.SAFE, [FailureCode.SANDBOX_LOST]),
            (Retry.ALWAYS, [FailureCode.SANDBOX_LOST, FailureCode.EXCEPTION]),
        ]:

            async def script(codes: list[FailureCode] = codes) -> None:
                for code in codes:
                    taken = await dispatcher.take()
                    await taken.say(taken.accepted(), taken.started(), taken.failure(code))

            error = await self.failure(client.call(request(), CallOptions(retry=retry)), script())
            self.assertEqual(error.attempts, len(codes))
            self.assertIs(error.code, codes[-1])
            self.assertIs(error.found_by, FoundBy.DISPATCHER)


class Cancellations(Networked):
    async def test_a_cancelled_call_ends_with_what_the_dispatcher_says(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        call = (await self.client(server)).call(request())

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.accepted())
            cancellation, cancelled = await asyncio.gather(call.cancel(), dispatcher.cancellation())
            self.assertEqual(cancellation, Cancelled("one"))
            self.assertEqual(cancelled, call.id)
            # A failure that would be repeated otherwise.
            await taken.say(taken.failure(FailureCode.SHUTTING_DOWN))

        error = await self.failure(call, script())
        self.assertIs(error.code, FailureCode.SHUTTING_DOWN)
        self.assertEqual(error.attempts, 1)

    async def test_a_cancellation_that_came_too_early_is_repeated(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        call = (await self.client(server)).call(request())

        async def script() -> None:
            taken = await dispatcher.take()
            _, early = await asyncio.gather(call.cancel(), dispatcher.cancellation())
            self.assertEqual(early, call.id)
            await taken.say(taken.accepted())
            self.assertEqual(await dispatcher.cancellation(), call.id)
            await taken.say(taken.failure(FailureCode.CANCELLED))

        error = await self.failure(call, script())
        self.assertIs(error.code, FailureCode.CANCELLED)
        self.assertIs(error.found_by, FoundBy.DISPATCHER)

    async def test_a_call_between_two_attempts_is_cancelled_at_once(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        slow = Options(backoff=Backoff(first_ms=300_000, longest_ms=300_000))
        call = (await self.client(server, slow)).call(request(), CallOptions(deadline_ms=600_000))

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.failure(FailureCode.OVERLOADED))

            async def is_between() -> bool:
                return await server.mailboxes() == 0

            await eventually("a call between two attempts", is_between)
            await asyncio.gather(call.cancel(), dispatcher.cancellation())

        error = await self.failure(call, script())
        self.assertIs(error.code, FailureCode.CANCELLED)
        self.assertIs(error.found_by, FoundBy.CLIENT)
        self.assertEqual(error.attempts, 1)

    async def test_a_call_cancelled_before_it_began_is_never_sent(self) -> None:
        client = await self.client(await self.server())
        call = client.call(request())
        self.assertEqual(await call.cancel(), NotFound())
        error = await self.failure(call)
        self.assertEqual((error.code, error.attempts), (FailureCode.CANCELLED, 0))

    async def test_an_execution_is_cancelled_by_its_id(self) -> None:
        server = await self.server()
        client = await self.client(server)
        self.assertEqual(await client.cancel("x-1"), NotFound())
        dispatcher = await self.dispatcher(server)
        answer, cancelled = await asyncio.gather(client.cancel("x-1"), dispatcher.cancellation())
        self.assertEqual((answer, cancelled), (Cancelled("one"), "x-1"))
        with self.assertRaises(InvalidRequest):
            await client.cancel("x.>")

    async def test_an_answer_that_is_none_does_not_count(self) -> None:
        server = await self.server()
        client = await self.client(server)
        dispatcher = await nats.connect(server.url)
        self.addAsyncCleanup(dispatcher.close)
        questions = await dispatcher.subscribe("veritech.control.cancel.*")
        await settle(dispatcher)

        async def script() -> None:
            question = await questions.next_msg(10)
            for answer in [b"", b"[" * 9000, b'{"cancelled":false}', b'{"cancelled":1}', b'{"cancelled":true}']:
                await dispatcher.publish(question.reply, answer)

        self.assertEqual(await self.both(client.cancel("x-1"), script()), Cancelled(""))


class Requests(Networked):
    async def test_a_request_too_large_for_the_server_costs_nothing_but_itself(self) -> None:
        server = await self.server("max_payload: 4096")
        dispatcher = await self.dispatcher(server)
        client = await self.client(server)
        error = await self.failure(client.call(request(inputs="x" * 5000)))
        self.assertIs(error.code, FailureCode.REQUEST_TOO_LARGE)
        self.assertEqual(error.failure.details["limit"], 4096)
        self.assertGreater(error.failure.details["bytes"], 5000)
        self.assertEqual(error.attempts, 1)

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.value("1"))

        await self.both(client.call(request()), script())

    async def test_the_size_of_headers_counts(self) -> None:
        server = await self.server("max_payload: 1024")
        dispatcher = await self.dispatcher(server)
        client = await self.client(server)
        options = CallOptions(tenant=Tenant("x" * 128), retry=Retry.NEVER)
        empty = len(request(inputs="").encode("x-1"))
        headers = 12 + len("Veritech-Tenant") + 128 + 4

        async def script() -> None:
            taken = await dispatcher.take()
            await taken.say(taken.value("1"))

        largest = request(id="x-1", inputs="x" * (1024 - empty - headers))
        self.assertEqual((await self.both(client.call(largest, options), script())).value(), 1)
        larger = request(id="x-1", inputs="x" * (1025 - empty - headers))
        error = await self.failure(client.call(larger, options))
        self.assertEqual(error.failure.details, {"bytes": 1025, "limit": 1024})

    async def test_a_request_that_is_wrong_is_never_sent(self) -> None:
        client = await self.client(await self.server())
        for wrong, field in [
            (request(limits=RequestedLimits(cpus=float("nan"))), "limits.cpus"),
            (request(id="a.b"), "id"),
            (request(timeout_ms="1"), "timeout_ms"),
            (request(inputs=object()), "inputs"),
        ]:
            error = await self.failure(client.call(wrong))
            self.assertIs(error.code, FailureCode.INVALID_REQUEST)
            self.assertEqual(error.failure.details["field"], field)

    async def test_requests_go_to_the_prefix_that_was_set(self) -> None:
        server = await self.server()
        client = await self.client(server, Options(subject_prefix="staging.a", inbox_prefix="_INBOX.me"))
        connection = await nats.connect(server.url)
        self.addAsyncCleanup(connection.close)
        requests = await connection.subscribe("staging.a.veritech.function.qualification")
        await settle(connection)

        async def script() -> None:
            message = await requests.next_msg(10)
            self.assertRegex(message.reply, r"^_INBOX\.me\.")
            taken_id = json.loads(message.data)["id"]
            text = Result(taken_id, Value("1")).encode().encode()
            await connection.publish(message.reply, text, headers={"Veritech-Sequence": "1"})

        call = client.call(request(Kind.QUALIFICATION))
        self.assertEqual((await self.both(call, script())).value(), 1)


class Connections(Networked):
    async def test_where_no_server_listens_no_client_is_made(self) -> None:
        server = await self.server()
        url = server.url
        server.kill()
        for wrong in (url, "nats://127.0.0.1:99999", "http://[", ""):
            with self.subTest(url=wrong), self.assertRaisesRegex(ConnectError, "failed to connect to NATS"):
                await Client.connect(wrong)

    async def test_a_server_that_refuses_is_named_as_the_cause(self) -> None:
        server = await self.server("authorization { user: a, password: b }")
        with self.assertRaises(ConnectError) as caught:
            await Client.connect(server.url)
        self.assertIsNotNone(caught.exception.__cause__)
        async with await Client.connect(server.url.replace("//", "//a:b@")) as client:
            self.assertEqual(await client.status(), [])

    async def test_a_client_closes_its_own_connection_and_no_other(self) -> None:
        server = await self.server()
        connection = await nats.connect(server.url)
        async with Client(connection):
            pass
        self.assertTrue(connection.is_connected)
        await connection.close()
        async with await Client.connect(server.url) as client:
            self.assertEqual(await client.status(), [])

        async def nobody() -> bool:
            return await server.clients() == 0

        await eventually("no client is connected", nobody)


class Status(Networked):
    async def test_every_instance_is_asked_for_its_status(self) -> None:
        server = await self.server()
        client = await self.client(server)
        self.assertEqual(await client.status(), [])
        dispatcher: Dispatcher = await self.dispatcher(server)
        questions = await dispatcher.connection.subscribe("$SRV.STATS.veritech")
        await settle(dispatcher.connection)

        async def script() -> None:
            question = await questions.next_msg(10)
            endpoint = {"name": "function", "subject": "veritech.function.>", "num_requests": 3}
            for instance in ("b", "a"):
                answer: dict[str, Any] = {
                    "type": "io.nats.micro.v1.stats_response",
                    "name": "veritech",
                    "id": instance,
                    "version": "0.1.0",
                    "metadata": {},
                    "started": "2026-11-23T00:00:00Z",
                    "endpoints": [{**endpoint, "data": {"places": 4}}],
                }
                await dispatcher.connection.publish(question.reply, json.dumps(answer).encode())
            for nonsense in [b"no JSON", b"{}", b'{"endpoints":7}', b"\xff", b"[" * 99]:
                await dispatcher.connection.publish(question.reply, nonsense)

        instances = await self.both(client.status(), script())
        self.assertEqual([instance.id for instance in instances], ["a", "b"])
        [endpoint] = instances[0].endpoints
        self.assertEqual((endpoint.data, endpoint.num_requests), ({"places": 4}, 3))
