"""A web site on all of loopback. Each address of 127.0.0.0/8 is a separate host, and each path is another
article. It counts requests; `/counts` returns the counts.

    python -m factcheck.bench.pages PORT MILLISECONDS
"""

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, field

PARAGRAPHS = 40
_SENTENCE = (
    "De woordvoerder van het ziekenhuis zei op maandag dat er minstens {number} gewonden waren "
    "binnengebracht, van wie een deel dezelfde avond naar huis kon. "
)


@dataclass
class Site:
    """A server of articles that waits before each answer and counts requests."""

    wait: float
    asked: Counter[str] = field(default_factory=Counter)
    under_way: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        host = path = ""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split(" ")[1]
            host = next(line[6:] for line in head if line.lower().startswith("host: "))
            if path == "/counts":
                body, kind = json.dumps(self.counts()).encode(), "application/json"
            else:
                body, kind = await self._article(host, path), "text/html; charset=utf-8"
            writer.write(
                f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            writer.write(body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            # A killed worker disconnects in the middle.
            return
        finally:
            writer.close()

    async def _article(self, host: str, path: str) -> bytes:
        self.asked[host + path] += 1
        self.under_way[host] += 1
        self.most_at_once = max(self.most_at_once, self.under_way[host])
        try:
            await asyncio.sleep(self.wait)
        finally:
            self.under_way[host] -= 1
        return article(host + path).encode()

    def counts(self) -> dict[str, int]:
        """Return the number of pages asked for, of all requests, and of the most at once from one host."""
        return {
            "pages": len(self.asked),
            "requests": self.asked.total(),
            "most_at_once": self.most_at_once,
        }


def article(name: str) -> str:
    """Return an article of about 25 KB. Its words depend on its name."""
    number = sum(name.encode())
    paragraphs = "".join(
        f"<p>{''.join(_SENTENCE.format(number=number + place + line) for line in range(4))}</p>"
        for place in range(PARAGRAPHS)
    )
    return (
        f"<!doctype html><html lang=nl><head><title>Bericht {name}</title>"
        "<meta name=author content='A. Jansen'>"
        "<meta property='article:published_time' content='2019-05-01T08:00:00Z'></head><body><nav><a href=/>"
        f"Start</a></nav><article><h1>Bericht {name}</h1>{paragraphs}</article></body></html>"
    )


def addresses_of(port: int, hosts: int, pages: int) -> list[str]:
    """Return this many pages on this many hosts of loopback, taking the hosts in turn."""
    return [
        f"http://127.{1 + host // 250}.0.{1 + host % 250}:{port}/article/{page}"
        for page in range(pages)
        for host in range(hosts)
    ]


async def _serve(port: int, wait: float) -> None:
    site = Site(wait)
    server = await asyncio.start_server(site.answer, "0.0.0.0", port, backlog=512)  # noqa: S104
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]) / 1000))
