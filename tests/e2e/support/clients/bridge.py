"""Python-socketio under remote control.

One JSON object a line on standard input: {id, client, op, ...}. One a line on standard output: the answer
{id, result | error}, or what a client received {client, event, args}. Ends with its standard input.
"""

import asyncio
import contextlib
import json
import sys

import aiohttp
import engineio
import socketio

ACK_SECONDS = 10

# By default this library drops a connection that brings more than 16 packets in one poll, which a burst does.
engineio.payload.Payload.max_decode_packets = 1_000


def say(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Client:
    def __init__(self, number):
        self.number = number
        self.refusal = None
        self.reason = None
        self.http = None
        self.sio = None

    async def heard(self, event, *args):
        say(client=self.number, event=event, args=list(args))

    async def refused(self, *data):
        reason = data[0] if data else None
        self.reason = reason.get("message") if isinstance(reason, dict) else str(reason)
        self.refusal.set()

    def closed(self, *reason):
        say(client=self.number, event="disconnect", args=list(reason))

    async def connect(self, url, cookies, transports, auth=None):
        self.refusal = asyncio.Event()
        await self.close()
        # `headers=` of this library goes with the handshake alone; a session of the HTTP client goes with every
        # request, as it must: the server binds polling to the session of the handshake.
        jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        self.http = aiohttp.ClientSession(cookies=cookies, cookie_jar=jar)
        self.sio = socketio.AsyncClient(reconnection=False, http_session=self.http)
        self.sio.on("*", self.heard)
        self.sio.on("disconnect", self.closed)
        self.sio.on("connect_error", self.refused)
        connecting = asyncio.create_task(
            self.sio.connect(url, transports=transports, auth=auth, wait_timeout=ACK_SECONDS)
        )
        # After a refusal this library first closes what it opened; the answer need not wait for that.
        refusal = asyncio.create_task(self.refusal.wait())
        await asyncio.wait([connecting, refusal], return_when=asyncio.FIRST_COMPLETED)
        refusal.cancel()
        if self.refusal.is_set():
            connecting.add_done_callback(lambda task: task.exception())
            raise RuntimeError(self.reason)
        await connecting

    async def disconnect(self):
        await self.close()

    async def close(self):
        if self.sio is not None:
            sio, self.sio = self.sio, None
            # This library drops its farewell when a request that posts is still under way, and the server would hear
            # of it only by the ping that fails.
            if sio.eio.state == "connected":
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(sio.eio.queue.join(), ACK_SECONDS)
            await sio.disconnect()
            await self.http.close()

    async def emit(self, event, args):
        await self.sio.emit(event, tuple(args))

    async def call(self, event, args):
        answered = asyncio.get_running_loop().create_future()
        await self.sio.emit(event, tuple(args), callback=lambda *answer: answered.set_result(list(answer)))
        return await asyncio.wait_for(answered, ACK_SECONDS)

    async def transport(self):
        return self.sio.transport()


async def obey(client, id, op, rest):
    try:
        say(id=id, result=await getattr(client, op)(**rest))
    except Exception as error:
        say(id=id, error=str(error) or type(error).__name__)


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    clients = {}
    tasks = set()
    while line := await reader.readline():
        order = json.loads(line)
        number = order.pop("client")
        client = clients.setdefault(number, None) or Client(number)
        clients[number] = client
        # A task each, because an ack is answered while other orders come; tasks start in the order given.
        task = asyncio.create_task(obey(client, order.pop("id"), order.pop("op"), order))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    for client in clients.values():
        await client.close()


asyncio.run(main())
