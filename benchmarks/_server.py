"""A server on loopback that takes posts and is the judge: how many came, how many of them different.

    python benchmarks/_server.py MILLISECONDS

It prints its port. `POST` with a number in the header `X-Post` counts one; it is answered after so many milliseconds.
`GET` gives the count as JSON and begins anew. A process of its own, so that it takes no time from whom it measures.
"""

from __future__ import annotations

import asyncio
import json
import sys

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "


class Judge(asyncio.Protocol):
    """One connection, kept open. Requests on it come one after the other."""

    def __init__(self, came: list[bytes], delay: float) -> None:
        self.came, self.delay = came, delay
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        fields = {name.lower(): value for name, value in fields.items()}
        if len(body) < int(fields.get(b"content-length", b"0")):
            return
        self.buffer = b""
        if head.startswith(b"GET"):
            answer = json.dumps({"posts": len(self.came), "distinct": len(set(self.came))}).encode()
            self.came.clear()
            self.answer(answer)
        else:
            self.came.append(fields[b"x-post"])
            answer = b'{"id":"' + fields[b"x-post"] + b'"}'
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self.answer, answer)
            else:
                self.answer(answer)

    def answer(self, body: bytes) -> None:
        self.transport.write(OK + str(len(body)).encode() + b"\r\n\r\n" + body)


async def main() -> None:
    came: list[bytes] = []
    delay = float(sys.argv[1]) / 1000
    server = await asyncio.get_running_loop().create_server(lambda: Judge(came, delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
