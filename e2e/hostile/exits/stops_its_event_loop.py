# Stops and closes the event loop that it runs in. That is told as an error of its own.
#
# images: ["python"]
# outcome: "exception"
# request: {"timeout_ms": 30000}
import asyncio


async def handler(inputs, context):
    loop = asyncio.get_running_loop()
    loop.call_soon(loop.stop)
    await asyncio.sleep(60)
    return "stopped"
