"""Makes one call as it is told on stdin, and says on stdout what comes of it.

Start it with ``python scenarios/driver.py`` where the package is installed. Each line, in and out, is one JSON object.
In comes first ``{"server": "nats://…", "request": {…}, "options": {…}}``, the options being any of ``retry``,
``deadline_ms``, ``accept_timeout_ms``, ``max_value_bytes`` and ``prefix``; later perhaps ``{"do": "cancel"}``. Out go
``{"event": …}`` for each event, ``{"cancellation": …}`` for each cancellation, and last ``{"outcome": …}``.
"""

import asyncio
import json
import os
import threading
from collections.abc import Mapping
from typing import Any

from veritech_client import (
    Call,
    CallError,
    CallOptions,
    CallResult,
    Cancelled,
    Client,
    ControlError,
    Event,
    FoundBy,
    InvalidRequest,
    Options,
    RemoteFunctionRequest,
    Report,
    Result,
    Retry,
)

MAX_LINE_BYTES = 256 << 20


async def main() -> None:
    """Makes the call."""
    lines = read_lines()
    told = json.loads(await lines.get() or "{}")
    options = told.get("options", {})
    try:
        request = RemoteFunctionRequest.from_json(told["request"])
    except InvalidRequest as error:
        refused = CallError(error.failure(), FoundBy.CLIENT, "", 0, Report())
        say_event(Result(None, refused.failure))
        say_outcome(refused)
        return
    async with await Client.connect(told["server"], client_options(options)) as client:
        call = client.call(request, CallOptions(deadline_ms=options.get("deadline_ms")))
        asking = asyncio.Lock()
        listener = asyncio.create_task(obey(call, lines, asking))
        async for event in call:
            say_event(event)
        # A cancellation that was begun is answered before the outcome.
        async with asking:
            listener.cancel()
        try:
            ended: CallResult | CallError = await call
        except CallError as error:
            ended = error
        say_outcome(ended)


def client_options(told: Mapping[str, Any]) -> Options:
    """Returns the options of the client."""
    named = {name: told[name] for name in ("accept_timeout_ms", "max_value_bytes") if name in told}
    return Options(
        subject_prefix=told.get("prefix", ""),
        retry=Retry(told.get("retry", Retry.SAFE)),
        **named,
    )


async def obey(call: Call, lines: "asyncio.Queue[bytes | None]", asking: asyncio.Lock) -> None:
    """Does what further lines say."""
    while (line := await lines.get()) is not None:
        if json.loads(line).get("do") == "cancel":
            async with asking:
                say(cancellation=await cancel(call))


async def cancel(call: Call) -> dict[str, object]:
    """Cancels the call, and returns what became of that."""
    try:
        cancellation = await call.cancel()
    except ControlError as error:
        return {"cancelled": False, "error": str(error)}
    if isinstance(cancellation, Cancelled):
        return {"cancelled": True, "instance": cancellation.instance}
    return {"cancelled": False}


def say_event(event: Event) -> None:
    """Prints an event."""
    print(f'{{"event":{event.encode()}}}', flush=True)


def say_outcome(ended: CallResult | CallError) -> None:
    """Prints how the call ended, a value as it came."""
    if isinstance(ended, CallError):
        failure = ended.failure.to_json() | {"details": dict(ended.failure.details)}
        outcome = json.dumps({"status": "failure", "failure": failure, "found_by": ended.found_by})
    elif ended.json is None:
        outcome = '{"status":"success","unset":true}'
    else:
        outcome = f'{{"status":"success","value":{ended.json}}}'
    print(f'{{"outcome":{outcome},"id":{json.dumps(ended.id or None)},"attempts":{ended.attempts}}}', flush=True)


def say(**members: object) -> None:
    """Prints one line."""
    print(json.dumps(members), flush=True)


def read_lines() -> "asyncio.Queue[bytes | None]":
    """Reads stdin, whatever it is, and ends with ``None``.

    The thread holds no lock of Python's while it waits, so that it does not keep the program from ending.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def read() -> None:
        rest = bytearray()
        while len(rest) <= MAX_LINE_BYTES and (read := os.read(0, 1 << 16)):
            rest += read
            while (end := rest.find(b"\n")) >= 0:
                loop.call_soon_threadsafe(lines.put_nowait, bytes(rest[:end]))
                del rest[: end + 1]
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return lines


if __name__ == "__main__":
    asyncio.run(main())
