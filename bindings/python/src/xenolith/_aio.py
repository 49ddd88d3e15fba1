# SPDX-License-Identifier: LGPL-2.1-only
"""AsyncContext: the operations of libxl, and its events.

_context.py, whose calls return when they are done, is generated from _aio.py, whose calls are coroutines.
"""
from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Any

from ._core import Operation, Queue, R
from ._host import Host
from ._libxl import ffi, lib
from ._loop import AsyncLoop
from .types import (DeviceDisk, DeviceNic, DomainConfig, DomainRestoreParams, Event, EventDomainShutdown,
                    ShutdownReason, Trigger)

UNSET = 0xffffffff


class AsyncEvents:
    """Events of domains, in their order. async with, async for, or get()."""

    def __init__(self, host: AsyncContext, loop: AsyncLoop) -> None:
        self._core, self._loop = host._core, loop
        self._queue = Queue(self._core, loop.signal())
        self._deaths: dict[int, Any] = {}
        self._ejects: list[Any] = []

    def watch(self, domid: int) -> None:
        """Tell when this domain shuts down (DOMAIN_SHUTDOWN, with the reason) and when it is gone (DOMAIN_DEATH);
        at once if that has happened."""
        if domid in self._deaths:
            return
        generator = ffi.new('libxl_evgen_domain_death **')
        self._core.check(f'watch domain {domid}', lib.libxl_evenable_domain_death, domid, self._queue.number,
                         generator)
        self._deaths[domid] = generator[0]

    def unwatch(self, domid: int) -> None:
        """Tell of it no more."""
        self._core.call(lib.libxl_evdisable_domain_death, self._deaths.pop(domid))

    def watch_eject(self, domid: int, vdev: str) -> None:
        """Tell when the guest ejects what is in this drive (DISK_EJECT)."""
        generator = ffi.new('libxl_evgen_disk_eject **')
        self._core.check(f'watch drive {vdev} of domain {domid}', lib.libxl_evenable_disk_eject, domid, vdev.encode(),
                         self._queue.number, generator)
        self._ejects.append(generator[0])

    async def get(self, timeout: float | None = None) -> Event:
        """The next event. TimeoutError when there is none for so many seconds."""
        while not self._queue.items:
            await self._loop.wait(self._queue.signal, timeout)
        return self._queue.take()

    def close(self) -> None:
        """Tell of nothing more."""
        self._core.queues.pop(self._queue.number, None)
        if self._core.closed:
            return
        for domid in list(self._deaths):
            self.unwatch(domid)
        while self._ejects:
            self._core.call(lib.libxl_evdisable_disk_eject, self._ejects.pop())

    async def __aenter__(self) -> AsyncEvents:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        traceback: TracebackType | None) -> None:
        self.close()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self.get()


class AsyncContext(Host):
    """A connection to libxl. async with AsyncContext() as host: ...

    Whoever gives up an operation that is going on, by cancellation, a limit of time or an exception, aborts it
    (libxl_ao_abort): libxl undoes what it has done, and only then does the exception go on.
    """

    def __init__(self) -> None:
        self._loop = AsyncLoop()
        super().__init__(self._loop)

    async def __aenter__(self) -> AsyncContext:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        traceback: TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Abort what is going on, wait for its end, and let go of everything."""
        for operation in list(self._core.operations.values()):
            operation.abort()
        while self._core.operations:
            operation = next(iter(self._core.operations.values()))
            await self._loop.wait(operation.signal, None)
        self._core.close()

    async def _do(self, what: str, function: Any, domid: int, *args: Any) -> None:
        """Call a function of libxl that takes an asyncop_how last, and wait for the end of what it does."""
        await self._loop.carry_out(Operation(self._core, what, domid, function, domid, *args))

    # --- life

    async def create(self, config: DomainConfig) -> int:
        """Create a domain; it is paused at first. Returns its number."""
        return await self._create(f'create domain {config.c_info.name}', config, lib.libxl_domain_create_new)

    async def restore(self, config: DomainConfig, fd: int, params: DomainRestoreParams | None = None) -> int:
        """Create a domain from what save() wrote, with the configuration that it had; it is paused at first."""
        with self._given(params or DomainRestoreParams()) as p:
            return await self._create(f'restore domain {config.c_info.name}', config,
                                      lib.libxl_domain_create_restore, fd, -1, p)

    async def _create(self, what: str, config: DomainConfig, function: Any, *args: Any) -> int:
        domid = ffi.new('uint32_t *', UNSET)
        operation = None
        try:
            with self._given(config) as c:
                operation = Operation(self._core, what, config.c_info.name,
                                      lambda ctx, how: function(ctx, c, domid, *args, how, ffi.NULL))
                await self._loop.carry_out(operation)
        except BaseException:
            # Given up too late to be aborted: nobody knows the domain.
            if operation and operation.rc == 0:
                await self.destroy(domid[0])
            raise
        return int(domid[0])

    async def config(self, domid: int) -> DomainConfig:
        """The configuration of a domain as it is now."""
        with self._given(DomainConfig()) as c:
            await self._do(f'read the configuration of domain {domid}', lib.libxl_retrieve_domain_configuration,
                           domid, c)
            return self._core.from_c(DomainConfig, c)

    async def pause(self, domid: int) -> None:
        """Let a domain run no more until unpause()."""
        await self._do(f'pause domain {domid}', lib.libxl_domain_pause, domid)

    async def unpause(self, domid: int) -> None:
        """Let a domain run."""
        await self._do(f'unpause domain {domid}', lib.libxl_domain_unpause, domid)

    async def shutdown(self, domid: int) -> None:
        """Ask a guest to power off, and wait for its answer; that it has, wait_end() tells."""
        await self._do(f'shut down domain {domid}', lib.libxl_domain_shutdown, domid)

    async def reboot(self, domid: int) -> None:
        """Ask a guest to reboot, and wait for its answer. Who created the domain creates it again."""
        await self._do(f'reboot domain {domid}', lib.libxl_domain_reboot, domid)

    async def destroy(self, domid: int) -> None:
        """Remove a domain at once, with all that belongs to it."""
        await self._do(f'destroy domain {domid}', lib.libxl_domain_destroy, domid)

    async def trigger(self, domid: int, trigger: Trigger, vcpu: int = UNSET) -> None:
        """Send a trigger to a vCPU."""
        await self._do(f'send a trigger to domain {domid}', lib.libxl_send_trigger, domid, trigger, vcpu)

    async def core_dump(self, domid: int, path: str) -> None:
        """Write the memory of a domain to a file."""
        await self._do(f'dump domain {domid}', lib.libxl_domain_core_dump, domid, path.encode())

    async def save(self, domid: int, fd: int, live: bool = False) -> None:
        """Write a domain to a file or socket; it stays suspended then."""
        await self._do(f'save domain {domid}', lib.libxl_domain_suspend, domid, fd,
                       lib.LIBXL_SUSPEND_LIVE if live else 0)

    async def suspend(self, domid: int) -> None:
        """Have a guest suspend itself; nothing is written."""
        await self._do(f'suspend domain {domid}', lib.libxl_domain_suspend_only, domid)

    async def resume(self, domid: int, cooperative: bool = True) -> None:
        """Let a suspended domain run on. cooperative: the guest is told that its suspension was called off."""
        await self._do(f'resume domain {domid}', lib.libxl_domain_resume, domid, cooperative)

    async def set_vcpus_online(self, domid: int, vcpus: Iterable[int]) -> None:
        """Ask a guest to use these of its vCPUs, and no others."""
        await self._do(f'change the vCPUs of domain {domid}', lib.libxl_set_vcpuonline, domid, self._bitmap(vcpus))

    # --- devices

    async def attach_disk(self, domid: int, disk: DeviceDisk) -> DeviceDisk:
        """Give a running domain a disk. Returns it as libxl completed it."""
        return await self._attach(f'attach disk {disk.vdev} to domain {domid}',
                                  lib.libxl_device_disk_add, domid, disk)

    async def detach_disk(self, domid: int, disk: DeviceDisk, force: bool = False) -> None:
        """Take a disk away when the guest has released it; force: without asking it."""
        await self._detach(f'detach disk {disk.vdev} from domain {domid}', domid, disk,
                           lib.libxl_device_disk_destroy if force else lib.libxl_device_disk_remove)

    async def insert_cdrom(self, domid: int, disk: DeviceDisk) -> None:
        """Change what is in a drive."""
        await self._detach(f'change drive {disk.vdev} of domain {domid}', domid, disk, lib.libxl_cdrom_insert)

    async def attach_nic(self, domid: int, nic: DeviceNic) -> DeviceNic:
        """Give a running domain a network interface. Returns it as libxl completed it."""
        return await self._attach(f'attach an interface to domain {domid}', lib.libxl_device_nic_add,
                                  domid, nic)

    async def detach_nic(self, domid: int, nic: DeviceNic, force: bool = False) -> None:
        """Take an interface away when the guest has released it; force: without asking it."""
        await self._detach(f'detach interface {nic.devid} from domain {domid}', domid, nic,
                           lib.libxl_device_nic_destroy if force else lib.libxl_device_nic_remove)

    async def _attach(self, what: str, function: Any, domid: int, device: R) -> R:
        with self._given(device) as c:
            await self._do(what, function, domid, c)
            return self._core.from_c(type(device), c)

    async def _detach(self, what: str, domid: int, device: DeviceDisk | DeviceNic, function: Any) -> None:
        with self._given(device) as c:
            await self._do(what, function, domid, c)

    # --- events

    def events(self, *domids: int) -> AsyncEvents:
        """Events of these domains, and of those that the result is told to watch."""
        events = AsyncEvents(self, self._loop)
        for domid in domids:
            events.watch(domid)
        return events

    async def wait_end(self, domid: int, timeout: float | None = None) -> ShutdownReason:
        """Wait until a domain shuts down, and say why; UNKNOWN when it is just gone."""
        async with self.events(domid) as events:
            event = await events.get(timeout)
        if isinstance(event.u, EventDomainShutdown):
            return ShutdownReason(event.u.shutdown_reason)
        return ShutdownReason.UNKNOWN
