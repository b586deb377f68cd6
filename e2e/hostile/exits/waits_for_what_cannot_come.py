# Awaits a future that nobody has. That is noticed at once, not when the time is up.
#
# images: ["python"]
# outcome: "exception"
# details: {"unhandled": "never_settled"}
# request: {"timeout_ms": 30000}
import asyncio


async def handler(inputs, context):
    await asyncio.get_running_loop().create_future()
