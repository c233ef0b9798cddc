"""A TCP proxy between the processes and their servers, which drops and stalls connections on request.

It is a program of its own, `python -m tests.faults.storm.proxy TARGET …`, so that it takes no time of the storm's own
process. A target is `host:port` or the path of a Unix socket. It answers with the ports it listens on, one JSON line,
then obeys lines: `drop SHARE SEED` ends that share of the open connections, `stall SHARE SEED SECONDS` holds back
what comes through them for so long.
"""

import asyncio
import json
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
AT_ONCE = 65536


class Proxy:
    """The proxy, as the storm sees it; it ends with the process that started it.

    Args:
        targets: where each of its ports leads.
    """

    def __init__(self, *targets):
        command = [sys.executable, "-m", "tests.faults.storm.proxy", *targets]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._program = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)
        self.ports = json.loads(self._program.stdout.readline())

    def tell(self, *words):
        """Have it do something to its connections."""
        self._program.stdin.write(" ".join(map(str, words)) + "\n")
        self._program.stdin.flush()

    def close(self):
        """End it and its connections."""
        self._program.communicate()


class _Link:
    """One connection and its other half."""

    def __init__(self, *streams):
        (self.client, self.to_client), (self.server, self.to_server) = streams
        self.flows = asyncio.Event()
        self.flows.set()

    async def run(self):
        halves = ((self.client, self.to_server), (self.server, self.to_client))
        tasks = [asyncio.create_task(self._pass_on(*half)) for half in halves]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self.cut()
        for task in tasks:
            task.cancel()

    async def _pass_on(self, reader, writer):
        with suppress(OSError):
            while data := await reader.read(AT_ONCE):
                await self.flows.wait()
                writer.write(data)
                await writer.drain()

    def cut(self):
        for writer in (self.to_client, self.to_server):
            writer.transport.abort()

    def stall(self, seconds):
        self.flows.clear()
        asyncio.get_running_loop().call_later(seconds, self.flows.set)


class _Server:
    def __init__(self):
        self.links = set()

    async def listen(self, target):
        async def accept(reader, writer):
            with suppress(OSError):
                link = _Link((reader, writer), await _connect(target))
                self.links.add(link)
                await link.run()
                self.links.discard(link)
            writer.transport.abort()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]

    def obey(self, verb, share, seed, *seconds):
        rng = random.Random(seed)
        for link in list(self.links):
            if rng.random() < float(share):
                link.cut() if verb == "drop" else link.stall(*map(float, seconds))


async def _connect(target):
    if target.startswith("/"):
        return await asyncio.open_unix_connection(target)
    host, _, port = target.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def _serve(targets):
    server = _Server()
    print(json.dumps([await server.listen(target) for target in targets]), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        server.obey(*line.split())


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(sys.argv[1:]))
