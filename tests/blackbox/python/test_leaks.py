# SPDX-License-Identifier: GPL-2.0-only
"""A thousand times the same: no memory, descriptor or domain is left over."""
from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import unittest

from test_life import configuration, descriptors, world
from xenolith import AsyncContext, Context, LibxlError

ROUNDS = 1000
#: The first rounds fill caches, of the allocator for one.
WARM = 500
#: KiB by which the others may make the process grow: half of one each.
SLACK = 256


def resident() -> int:
    gc.collect()
    with open('/proc/self/statm') as f:
        return int(f.read().split()[1]) * 4


class Ledger:
    """What the process has, at the end of the warm rounds and at the end of all."""

    def __init__(self, test: unittest.TestCase) -> None:
        self.test = test

    def round(self, n: int) -> None:
        if n == WARM:
            self.before = resident(), descriptors()
        if n == ROUNDS - 1:
            memory, open_files = resident(), descriptors()
            print(f'{self.test.id()}: {memory - self.before[0]} KiB more after {ROUNDS - WARM} rounds')
            self.test.assertEqual(open_files, self.before[1])
            self.test.assertLess(memory - self.before[0], SLACK)
            self.test.assertEqual(world.host_domains(), 1)


class Leaks(unittest.TestCase):
    def test_contexts(self) -> None:
        ledger = Ledger(self)
        for n in range(ROUNDS):
            with Context() as host:
                host.domains()
                host.version()
            ledger.round(n)

    def test_lives(self) -> None:
        ledger = Ledger(self)
        with Context() as host:
            for n in range(ROUNDS):
                domid = host.create(configuration('one'))
                with host.events(domid) as events:
                    host.unpause(domid)
                    host.config(domid)
                    host.destroy(domid)
                    events.get(10)
                with self.assertRaises(LibxlError):
                    host.pause(domid)
                ledger.round(n)

    def test_asynchronous_lives(self) -> None:
        async def lives() -> None:
            ledger = Ledger(self)
            for n in range(ROUNDS):
                async with AsyncContext() as host:
                    domid = await host.create(configuration('one'))
                    end = asyncio.create_task(host.wait_end(domid))
                    await host.unpause(domid)
                    await host.shutdown(domid)
                    await end
                    await host.destroy(domid)
                ledger.round(n)
        asyncio.run(lives())

    def test_cancelled(self) -> None:
        async def cancel() -> None:
            ledger, moments = Ledger(self), random.Random(4)
            async with AsyncContext() as host:
                for n in range(ROUNDS):
                    creation = asyncio.create_task(host.create(configuration('one')))
                    await asyncio.sleep(moments.uniform(0, 0.012))
                    creation.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await host.destroy(await creation)
                    ledger.round(n)
        world.host_slow(4000)
        asyncio.run(cancel())
        world.host_slow(0)


if __name__ == '__main__':
    unittest.main()
