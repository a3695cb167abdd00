"""The same requests with nothing around them: one process of what `bench.whole_path` compares with.

`python -m bench.raw_loop CARRIER COUNT IN_FLIGHT START URL...`: from START (seconds since 1970) on, COUNT
statuses are sent with IN_FLIGHT at a time; the instant of the last answer is printed.
"""

import asyncio
import os
import sys
import time
from collections.abc import Sequence

from bench.platform import TEXT
from connectors.http import Http
from workers.waiting import collect_seldom


async def _run(carrier: str, count: int, in_flight: int, start: float, urls: Sequence[str]) -> float:
    turns = asyncio.Semaphore(in_flight)
    async with Http(carrier=carrier) as http:
        await asyncio.sleep(start - time.time())

        async def send(number: int) -> None:
            async with turns:
                await http.write(
                    "POST",
                    f"{urls[number % len(urls)]}/api/v1/statuses",
                    json={"status": TEXT, "language": "en", "visibility": "public"},
                    headers={
                        "Authorization": "Bearer bench",
                        "Idempotency-Key": f"raw-{os.getpid()}-{number}",
                    },
                )

        await asyncio.gather(*(send(number) for number in range(count)))
        return time.time()


if __name__ == "__main__":
    collect_seldom()
    ended = asyncio.run(
        _run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
    )
    sys.stdout.write(f"{ended}\n")
