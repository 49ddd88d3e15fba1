#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The Python package in a Domain 0: python_flow.py CONFIG, of a guest that does nothing; exits 0 when all is as it should be."""
from __future__ import annotations

import asyncio
import sys
import unittest
from uuid import uuid4

from xenolith import (AsyncContext, Context, DomainConfig, DomainType, Error, EventType, LibxlError, ShutdownReason,
                      read_config)

SECONDS = 120
CONFIG = sys.argv.pop(1)


def named(name: str, *settings: str) -> DomainConfig:
    """The configuration under another name."""
    config = read_config(CONFIG, *settings)
    config.c_info.name, config.c_info.uuid = name, uuid4()
    return config


def living(host: Context | AsyncContext) -> set[int]:
    """But for what waits until nobody holds its memory any more."""
    return {d.domid for d in host.domains() if not d.dying}


class Host(unittest.TestCase):
    def setUp(self) -> None:
        self.host = self.enterContext(Context())
        self.before = living(self.host)

    def tearDown(self) -> None:
        self.assertEqual(living(self.host), self.before)

    def test_facts(self) -> None:
        version = self.host.version()
        self.assertEqual((version.xen_version_major, version.xen_version_minor), (4, 17))
        physical = self.host.physinfo()
        self.assertEqual(physical.nr_cpus, len(self.host.cpu_topology()))
        self.assertLess(0, physical.free_pages)
        self.assertLess(physical.free_pages, physical.total_pages)
        self.assertEqual([p.pool_name for p in self.host.cpupools()], ['Pool-0'])
        self.assertIn(0, self.before)
        self.assertEqual(self.host.name(0), 'Domain-0')

    def test_a_life(self) -> None:
        domid = self.host.create(named('life'))
        self.assertEqual(living(self.host), self.before | {domid})
        self.assertTrue(self.host.domain(domid).paused)
        self.host.unpause(domid)
        self.assertFalse(self.host.domain(domid).paused)
        self.host.rename(domid, 'lives')
        self.assertEqual(self.host.domid('lives'), domid)
        config = self.host.config(domid)
        self.assertIs(config.c_info.type, DomainType.PV)
        self.assertEqual(len(self.host.vcpus(domid)), 1)
        with self.host.events(domid) as events:
            self.host.destroy(domid)
            event = events.get(SECONDS)
            self.assertEqual((event.type, event.domid), (EventType.DOMAIN_DEATH, domid))
        with self.assertRaises(LibxlError) as caught:
            self.host.domain(domid)
        self.assertIs(caught.exception.code, Error.DOMAIN_NOTFOUND)

    def test_ends(self) -> None:
        for word, reason in (('poweroff', ShutdownReason.POWEROFF), ('crash', ShutdownReason.CRASH)):
            domid = self.host.create(named(word, f'extra="end={word}"'))
            with self.host.events(domid) as events:
                self.host.unpause(domid)
                event = events.get(SECONDS)
                self.assertEqual((event.type, event.domid), (EventType.DOMAIN_SHUTDOWN, domid))
            self.assertIs(self.host.wait_end(domid, SECONDS), reason)
            self.host.destroy(domid)

    def test_refused(self) -> None:
        with self.assertRaisesRegex(LibxlError, 'cannot create domain nowhere: .*/nonexistent'):
            self.host.create(named('nowhere', 'kernel="/nonexistent"'))


class Together(unittest.IsolatedAsyncioTestCase):
    async def test_many(self) -> None:
        async with AsyncContext() as host:
            before = living(host)
            domids = await asyncio.gather(*(host.create(named(f'many-{i}', 'extra="end=poweroff"')) for i in range(6)))
            self.assertEqual(len(set(domids)), 6)
            async with host.events(*domids) as events:
                await asyncio.gather(*(host.unpause(d) for d in domids))
                ended = set()
                async with asyncio.timeout(SECONDS):
                    async for event in events:
                        self.assertIs(event.type, EventType.DOMAIN_SHUTDOWN)
                        ended.add(event.domid)
                        if len(ended) == 6:
                            break
            self.assertEqual(ended, set(domids))
            await asyncio.gather(*(host.destroy(d) for d in domids))
            self.assertEqual(living(host), before)


if __name__ == '__main__':
    unittest.main()
