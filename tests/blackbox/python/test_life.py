# SPDX-License-Identifier: GPL-2.0-only
"""Domains come and go, on the host of tests/unit/light; both contexts."""
from __future__ import annotations

import asyncio
import ctypes
import os
import random
import signal
import tempfile
import threading
import unittest
from uuid import uuid4

from xenolith import (AsyncContext, Context, DeviceDisk, DeviceNic, DomainBuildInfo, DomainBuildInfoPv, DomainConfig,
                      DomainCreateInfo, DomainType, Error, EventType, LibxlError, ShutdownReason)

POWEROFF, CRASH = 0, 3
world = ctypes.CDLL(None)


def configuration(name: str) -> DomainConfig:
    return DomainConfig(c_info=DomainCreateInfo(type=DomainType.PV, name=name, uuid=uuid4()),
                        b_info=DomainBuildInfo(type=DomainType.PV, u=DomainBuildInfoPv(), max_memkb=65536,
                                               target_memkb=65536, kernel='/dev/null'))


def descriptors() -> int:
    return len(os.listdir('/proc/self/fd'))


class Blocking(unittest.TestCase):
    def setUp(self) -> None:
        self.host = self.enterContext(Context())

    def tearDown(self) -> None:
        world.host_hold_builds(False)
        self.assertEqual(world.host_domains(), 1)

    def test_a_life(self) -> None:
        domid = self.host.create(configuration('one'))
        self.assertTrue(self.host.domain(domid).paused)
        self.host.unpause(domid)
        self.assertFalse(self.host.domain(domid).paused)
        self.host.pause(domid)
        self.host.unpause(domid)
        self.assertEqual(self.host.domid('one'), domid)
        self.host.rename(domid, 'uno')
        self.assertEqual(self.host.name(domid), 'uno')
        config = self.host.config(domid)
        self.assertEqual((config.c_info.name, config.b_info.kernel), ('uno', '/dev/null'))
        self.assertEqual(self.host.memory_target(domid), 65536)
        self.host.set_memory_target(domid, 32768)
        self.assertEqual(self.host.memory_target(domid), 32768)
        self.host.set_vcpus_online(domid, {0})
        with self.host.events(domid) as events:
            self.host.shutdown(domid)
            event = events.get(10)
            self.assertEqual((event.type, event.domid), (EventType.DOMAIN_SHUTDOWN, domid))
            self.host.destroy(domid)
            self.assertEqual(events.get(10).type, EventType.DOMAIN_DEATH)
        with self.assertRaises(LibxlError) as caught:
            self.host.unpause(domid)
        self.assertEqual(caught.exception.code, Error.DOMAIN_NOTFOUND)

    def test_names_are_unique(self) -> None:
        domid = self.host.create(configuration('one'))
        with self.assertRaisesRegex(LibxlError, 'cannot create domain one: .*one'):
            self.host.create(configuration('one'))
        self.host.destroy(domid)

    def test_wait_end(self) -> None:
        domid = self.host.create(configuration('one'))
        with self.assertRaises(TimeoutError):
            self.host.wait_end(domid, 0.05)
        world.host_shut_down(domid, CRASH)
        self.assertIs(self.host.wait_end(domid), ShutdownReason.CRASH)
        self.host.destroy(domid)
        self.assertIs(self.host.wait_end(domid), ShutdownReason.UNKNOWN)

    def test_devices(self) -> None:
        domid = self.host.create(configuration('one'))
        self.assertEqual((self.host.disks(domid), self.host.nics(domid)), ([], []))
        with self.assertRaises(LibxlError):
            self.host.attach_disk(domid, DeviceDisk(vdev='xvda', pdev_path='/nonexistent', readwrite=1))
        with self.assertRaisesRegex(LibxlError, 'find disk xvdb'):
            self.host.find_disk(domid, 'xvdb')
        with self.assertRaises(LibxlError):
            self.host.console_path(domid)
        self.host.destroy(domid)

    def test_disk_comes_and_goes(self) -> None:
        domid = self.host.create(configuration('one'))
        disk = self.host.attach_disk(domid, self.host.parse_disk('vdev=xvdb,script=/bin/true,target=x'))
        self.assertEqual(disk.vdev, 'xvdb')
        self.assertEqual([d.vdev for d in self.host.disks(domid)], ['xvdb'])
        found = self.host.find_disk(domid, 'xvdb')
        self.assertEqual(self.host.disk_info(domid, found).devid, 51728)
        self.host.detach_disk(domid, found)
        self.assertEqual(self.host.disks(domid), [])
        nic = self.host.attach_nic(domid, DeviceNic(script='/bin/true', mac='00:16:3e:01:02:03'))
        self.assertEqual([n.mac for n in self.host.nics(domid)], ['00:16:3e:01:02:03'])
        self.assertEqual(self.host.find_nic(domid, '00:16:3e:01:02:03').devid, nic.devid)
        self.host.detach_nic(domid, self.host.find_nic(domid, nic.devid), force=True)
        self.host.destroy(domid)

    def test_save_and_restore(self) -> None:
        domid = self.host.create(configuration('one'))
        self.host.unpause(domid)
        config = self.host.config(domid)
        with tempfile.TemporaryFile() as saved:
            self.host.save(domid, saved.fileno())
            self.assertIs(self.host.domain(domid).shutdown_reason, ShutdownReason.SUSPEND)
            self.host.destroy(domid)
            saved.seek(0)
            restored = self.host.restore(config, saved.fileno())
        self.assertEqual(self.host.domid('one'), restored)
        self.host.unpause(restored)
        self.host.suspend(restored)
        self.host.resume(restored)
        self.assertFalse(self.host.domain(restored).shutdown)
        self.host.destroy(restored)
        with open('/dev/zero', 'rb') as zero, self.assertRaisesRegex(LibxlError, 'cannot restore domain one: '):
            self.host.restore(config, zero.fileno())

    def test_control_c_aborts(self) -> None:
        world.host_hold_builds(True)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with self.assertRaises(KeyboardInterrupt):
            self.host.create(configuration('one'))

    def test_control_c_at_any_moment(self) -> None:
        """Nothing is left of a domain that nobody was told of; but the last instructions before that are not safe."""
        moments = random.Random(7)
        world.host_slow(2000)
        interrupted = late = 0
        for _ in range(200):
            domid = None
            try:
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(0.00001, 0.008))
                domid = self.host.create(configuration('one'))
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                interrupted += 1
                if domid is None and world.host_domains() == 2:
                    late += 1
                    domid = self.host.domid('one')
            if domid is not None:
                self.host.destroy(domid)
            self.assertEqual(world.host_domains(), 1)
        world.host_slow(0)
        self.assertGreater(interrupted, 10)
        self.assertLess(late, 5)

    def test_forgotten(self) -> None:
        before = descriptors()
        with self.assertWarns(ResourceWarning):
            host = Context()
            host.domains()
            del host
        self.assertEqual(descriptors(), before)


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.host = await self.enterAsyncContext(AsyncContext())

    async def asyncTearDown(self) -> None:
        world.host_hold_builds(False)
        self.assertEqual(world.host_domains(), 1)

    async def test_many_at_once(self) -> None:
        domids = await asyncio.gather(*(self.host.create(configuration(f'many-{i}')) for i in range(20)))
        self.assertEqual(len(set(domids)), 20)
        ended = {}
        async with self.host.events(*domids) as events:
            await asyncio.gather(*(self.host.unpause(d) for d in domids))
            for d in domids:
                world.host_shut_down(d, POWEROFF)
            async for event in events:
                self.assertIs(event.type, EventType.DOMAIN_SHUTDOWN)
                ended[event.domid] = event
                if len(ended) == 20:
                    break
        self.assertEqual(set(ended), set(domids))
        await asyncio.gather(*(self.host.destroy(d) for d in domids))

    async def test_death_is_awaited(self) -> None:
        domid = await self.host.create(configuration('one'))
        end = asyncio.create_task(self.host.wait_end(domid))
        await self.host.unpause(domid)
        self.assertFalse(end.done())
        await self.host.shutdown(domid)
        self.assertIs(await end, ShutdownReason.POWEROFF)
        await self.host.destroy(domid)

    async def test_abort(self) -> None:
        world.host_hold_builds(True)
        started = world.host_builds()
        creation = asyncio.create_task(self.host.create(configuration('one')))
        while world.host_builds() == started:
            await asyncio.sleep(0)
        creation.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await creation
        self.assertEqual(world.host_domains(), 1)
        world.host_hold_builds(False)
        await self.host.destroy(await self.host.create(configuration('one')))

    async def test_limit_of_time(self) -> None:
        world.host_hold_builds(True)
        with self.assertRaises(TimeoutError):
            async with asyncio.timeout(0.2):
                await self.host.create(configuration('one'))

    async def test_loop_goes_on(self) -> None:
        """Others run while a build takes its time."""
        world.host_hold_builds(True)
        creation = asyncio.create_task(self.host.create(configuration('one')))
        for _ in range(50):
            await asyncio.sleep(0)
            self.assertEqual(self.host.domains()[0].domid, 0)
        self.assertFalse(creation.done())
        world.host_hold_builds(False)
        await self.host.destroy(await creation)

    async def test_closing_aborts(self) -> None:
        world.host_hold_builds(True)
        host = AsyncContext()
        creation = asyncio.create_task(host.create(configuration('one')))
        await asyncio.sleep(0)
        await host.aclose()
        with self.assertRaises(LibxlError) as caught:
            await creation
        self.assertEqual(caught.exception.code, Error.ABORTED)

    async def test_guest_that_does_not_listen(self) -> None:
        domid = await self.host.create(configuration('one'))
        await self.host.unpause(domid)
        world.host_deafen(True)
        try:
            with self.assertRaises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await self.host.shutdown(domid)
        finally:
            world.host_deafen(False)
        await self.host.destroy(domid)

    async def test_failure(self) -> None:
        domid = await self.host.create(configuration('one'))
        with self.assertRaisesRegex(LibxlError, 'cannot create domain one: ') as caught:
            await self.host.create(configuration('one'))
        self.assertTrue(caught.exception.messages)
        await self.host.destroy(domid)

    async def test_failures_side_by_side(self) -> None:
        """Each error is about its own domain."""
        names = [f'one-{i}' for i in range(5)]
        domids = await asyncio.gather(*(self.host.create(configuration(n)) for n in names))
        errors = await asyncio.gather(*(self.host.create(configuration(n)) for n in names), return_exceptions=True)
        for name, error in zip(names, errors):
            assert isinstance(error, LibxlError)
            self.assertIn(name, str(error))
            self.assertFalse([n for n in names if n != name and n in str(error)])
        await asyncio.gather(*(self.host.destroy(d) for d in domids))

    async def test_wrong_arguments(self) -> None:
        with self.assertRaises(TypeError):
            await self.host.pause('one')  # type: ignore[arg-type]

    async def test_children_of_the_program(self) -> None:
        """libxl reaps its own children, asyncio the program's."""
        domid, *codes = await asyncio.gather(self.host.create(configuration('one')),
                                             *(self.program(i) for i in range(5)))
        self.assertEqual(codes, list(range(5)))
        await self.host.destroy(domid)

    @staticmethod
    async def program(code: int) -> int:
        child = await asyncio.create_subprocess_exec('/bin/sh', '-c', f'exit {code}')
        return await child.wait()


signal.signal(signal.SIGALRM, signal.default_int_handler)

if __name__ == '__main__':
    unittest.main()
