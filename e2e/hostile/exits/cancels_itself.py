# Cancels its own task. It is no caller who cancelled, but an error like others.
#
# images: ["python"]
# outcome: "exception"
# details: {"class": "CancelledError"}
# request: {"timeout_ms": 30000}
import asyncio


async def handler(inputs, context):
    asyncio.current_task().cancel()
    await asyncio.sleep(60)
