# Leaves tasks that catch their cancellation and go on, which an event loop would wait for at its end.
#
# images: ["python"]
# outcome: "success"
# value: "left"
# request: {"timeout_ms": 30000}
import asyncio


async def stubborn():
    while True:
        try:
            await asyncio.sleep(3600)
        except BaseException:
            pass


async def handler(inputs, context):
    tasks = [asyncio.create_task(stubborn()) for _ in range(10)]
    await asyncio.sleep(0)
    return "left" if not any(task.done() for task in tasks) else "ended"
