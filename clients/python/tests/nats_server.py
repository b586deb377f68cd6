"""A real NATS server of a test's own, on ports that the kernel chose."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

# How long a condition may take on a machine that is busy.
LIMIT_S = 20.0


async def eventually(what: str, condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits until a condition holds."""
    try:
        async with asyncio.timeout(LIMIT_S):
            while not await condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"not in time: {what}") from None


def executable() -> str:
    """Returns the server's path: ``VERITECH_TEST_NATS_SERVER``, or else ``nats-server`` on the PATH."""
    path = os.environ.get("VERITECH_TEST_NATS_SERVER") or shutil.which("nats-server")
    if path is None:
        raise AssertionError("set VERITECH_TEST_NATS_SERVER to the path of a nats-server, or put one on the PATH")
    return path


class NatsServer:
    """A running server; leave it with :meth:`stop`."""

    def __init__(self, settings: str) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="veritech-nats-")
        self._settings = settings
        self._ports = {"nats": -1, "monitoring": -1}
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    async def start(cls, settings: str = "") -> Self:
        """Starts a server with additional lines in its configuration."""
        server = cls(settings)
        await server.restart()
        return server

    @property
    def url(self) -> str:
        """Returns the URL for clients."""
        return f"nats://127.0.0.1:{self._ports['nats']}"

    async def restart(self) -> None:
        """Starts the server, again on the same ports if it ran before."""
        self.kill()
        directory = Path(self._directory.name)
        configuration = directory / "nats.conf"
        configuration.write_text(self._settings)
        arguments = ["--config", str(configuration), "--addr", "127.0.0.1", "--ports_file_dir", str(directory)]
        arguments += ["--port", str(self._ports["nats"]), "--http_port", str(self._ports["monitoring"])]
        self._process = subprocess.Popen(  # noqa: ASYNC220 - it is waited for below
            [executable(), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        ports_file = directory / f"nats-server_{self._process.pid}.ports"

        async def listens() -> bool:
            try:
                told = json.loads(ports_file.read_text())
            except (FileNotFoundError, ValueError):
                return False
            self._ports = {name: int(told[name][0].rsplit(":", 1)[1]) for name in self._ports}
            return True

        await eventually("a NATS server that listens", listens)

    async def mailboxes(self) -> int:
        """Returns how many mailboxes of clients the server knows."""
        told = await self._monitoring("connz?subs=1&limit=1024")
        subjects = [subject for client in told["connections"] for subject in client.get("subscriptions_list", [])]
        return sum(subject.startswith("_INBOX.") for subject in subjects)

    async def clients(self) -> int:
        """Returns how many clients are connected."""
        return int((await self._monitoring("connz"))["num_connections"])

    async def _monitoring(self, path: str) -> Any:
        def fetch() -> Any:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._ports['monitoring']}/{path}", timeout=10) as answer:
                return json.load(answer)

        return await asyncio.to_thread(fetch)

    def kill(self) -> None:
        """Kills the server, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Kills the server and removes what it left."""
        self.kill()
        self._directory.cleanup()
