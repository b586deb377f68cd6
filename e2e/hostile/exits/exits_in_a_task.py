# Leaves as a program does, in a task that nobody waits for. It is the end of the program, or the error of that task, whichever
# the event loop makes of it.
#
# images: ["python"]
# outcome: ["runner_exited", "exception"]
# request: {"timeout_ms": 30000}
import asyncio
import sys


async def leave():
    sys.exit(3)


async def handler(inputs, context):
    task = asyncio.create_task(leave())
    await asyncio.sleep(60)
    return task
