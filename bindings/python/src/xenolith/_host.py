# SPDX-License-Identifier: LGPL-2.1-only
"""What a context answers at once: facts, and changes that are made when the call returns."""
from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ._core import Core, Loop, R
from ._libxl import ffi, lib
from ._record import Record
from .types import (ConsoleType, Cpupoolinfo, Cputopology, DeviceDisk, DeviceNic, Diskinfo, DomainConfig,
                    DomainSchedParams, Dominfo, Error, Nicinfo, Numainfo, Physinfo, SchedCredit2Params, Scheduler,
                    SchedParams, Vcpuinfo, VcpuSchedParams, VersionInfo)


class Host:
    """The part of a context that never waits. Sizes of memory are in KiB, as in libxl."""

    def __init__(self, loop: Loop) -> None:
        self._core = Core(loop)

    def __del__(self) -> None:
        core = getattr(self, '_core', None)
        if core and not core.closed and not core.operations:
            warnings.warn('a context of libxl was forgotten, not closed', ResourceWarning, stacklevel=2)
            core.close()

    # --- the host

    def version(self) -> VersionInfo:
        """The hypervisor, its version and command line."""
        mark = self._core.messages_told
        info = self._core.call(lib.libxl_get_version_info)
        if not info:
            raise self._core.error("read the hypervisor's version", Error.FAIL, mark)
        return self._core.from_c(VersionInfo, ffi.cast('libxl_version_info *', info))

    def physinfo(self) -> Physinfo:
        """Processors, memory (in pages) and capabilities of the host."""
        return self._core.one(Physinfo, 'read what the host has', lib.libxl_get_physinfo)

    def free_memory(self) -> int:
        """KiB that a new domain could have."""
        return self._number('uint64_t *', 'read how much memory is free', lib.libxl_get_free_memory)

    def cpu_topology(self) -> list[Cputopology]:
        """Core, socket and node of each processor."""
        return self._core.several(Cputopology, 'read the topology', lib.libxl_get_cpu_topology,
                                  lib.libxl_cputopology_list_free)

    def numa(self) -> list[Numainfo]:
        """Memory (in bytes) and distances of each node."""
        return self._core.several(Numainfo, 'read the nodes', lib.libxl_get_numainfo, lib.libxl_numainfo_list_free)

    def cpupools(self) -> list[Cpupoolinfo]:
        """The pools of processors."""
        return self._core.several(Cpupoolinfo, 'list the CPU pools', lib.libxl_list_cpupool,
                                  lib.libxl_cpupoolinfo_list_free)

    def scheduler(self) -> Scheduler:
        """The scheduler that the hypervisor was booted with."""
        return Scheduler(self._core.check('read which scheduler there is', lib.libxl_get_scheduler))

    def credit2_params(self, pool: int = 0) -> SchedCredit2Params:
        """Parameters of credit2 in a pool."""
        return self._filled(SchedCredit2Params, f'read the scheduler of pool {pool}',
                          lib.libxl_sched_credit2_params_get, pool)

    def set_credit2_params(self, params: SchedCredit2Params, pool: int = 0) -> None:
        self._core.check(f'change the scheduler of pool {pool}', lib.libxl_sched_credit2_params_set, pool,
                         self._core.to_c(params))

    def console_lines(self, clear: bool = False) -> Iterator[str]:
        """The hypervisor's own log, line by line; clear: and forget it."""
        mark = self._core.messages_told
        reader = self._core.call(lib.libxl_xen_console_read_start, clear)
        if not reader:
            raise self._core.error("read the hypervisor's log", Error.FAIL, mark)
        try:
            line = ffi.new('char **')
            while self._core.check("read the hypervisor's log", lib.libxl_xen_console_read_line, reader, line) == 1:
                yield ffi.string(line[0]).decode(errors='replace')
        finally:
            self._core.call(lib.libxl_xen_console_read_finish, reader)

    def debug_keys(self, keys: str) -> None:
        """Have the hypervisor do what the debug keys stand for."""
        self._core.check('send debug keys', lib.libxl_send_debug_keys, keys.encode())

    # --- domains

    def domains(self) -> list[Dominfo]:
        """Every domain, Domain 0 first."""
        return self._core.several(Dominfo, 'list the domains', lib.libxl_list_domain, lib.libxl_dominfo_list_free)

    def domain(self, domid: int) -> Dominfo:
        """One domain. LibxlError with Error.DOMAIN_NOTFOUND when there is none."""
        return self._core.one(Dominfo, f'read domain {domid}', lib.libxl_domain_info, domid)

    def vcpus(self, domid: int) -> list[Vcpuinfo]:
        """State, time and affinity of each vCPU."""
        cpus = ffi.new('int *')

        def listed(ctx: Any, count: Any) -> Any:
            return lib.libxl_list_vcpu(ctx, domid, count, cpus)
        return self._core.several(Vcpuinfo, f'list the vCPUs of domain {domid}', listed,
                                  lib.libxl_vcpuinfo_list_free)

    def domid(self, name: str) -> int:
        """The number of the domain of that name, or that has it as its number in decimal."""
        return self._number('uint32_t *', f'find domain {name}', lib.libxl_domain_qualifier_to_domid, name.encode())

    def name(self, domid: int) -> str | None:
        """The name of a domain; None when it has none."""
        found = self._core.call(lib.libxl_domid_to_name, domid)
        return self._core.take_string(found) if found else None

    def rename(self, domid: int, new: str) -> None:
        self._core.check(f'rename domain {domid}', lib.libxl_domain_rename, domid, ffi.NULL, new.encode())

    def console_path(self, domid: int, number: int = 0, kind: ConsoleType | None = None) -> str:
        """The terminal that xenconsoled serves for a console; without a kind, for the domain's first one."""
        path, what = ffi.new('char **'), f'find the console of domain {domid}'
        if kind is None:
            self._core.check(what, lib.libxl_primary_console_get_tty, domid, path)
        else:
            self._core.check(what, lib.libxl_console_get_tty, domid, number, kind, path)
        return self._core.take_string(path[0])

    def sysrq(self, domid: int, key: str) -> None:
        """Press a magic key in a guest."""
        self._core.check(f'send a key to domain {domid}', lib.libxl_send_sysrq, domid, key.encode())

    # --- memory

    def memory_target(self, domid: int) -> int:
        """KiB that a domain is asked to make do with."""
        return self._number('uint64_t *', f'read the memory target of domain {domid}', lib.libxl_get_memory_target,
                            domid)

    def set_memory_target(self, domid: int, kib: int, relative: bool = False, enforce: bool = True) -> None:
        """Ask a domain to make do with so much; enforce: and let it have no more."""
        self._core.check(f'set the memory target of domain {domid}', lib.libxl_set_memory_target, domid, kib,
                         relative, enforce)

    def set_max_memory(self, domid: int, kib: int) -> None:
        """Set what a domain may have at most."""
        self._core.check(f'set the most memory of domain {domid}', lib.libxl_domain_setmaxmem, domid, kib)

    def need_memory(self, config: DomainConfig) -> int:
        """KiB that creating this domain would take."""
        with self._given(config) as c:
            return self._number('uint64_t *', 'reckon the memory of a domain', lib.libxl_domain_need_memory, c, 0)

    # --- processors

    def pin(self, domid: int, vcpu: int, hard: Iterable[int] | None = None,
            soft: Iterable[int] | None = None) -> None:
        """Set on which processors a vCPU may run (hard) and should (soft). What is None stays."""
        self._core.check(f'pin vCPU {vcpu} of domain {domid}', lib.libxl_set_vcpuaffinity, domid, vcpu,
                         self._bitmap(hard), self._bitmap(soft))

    def sched_params(self, domid: int) -> DomainSchedParams:
        """How the scheduler treats a domain."""
        return self._filled(DomainSchedParams, f'read the scheduling of domain {domid}',
                          lib.libxl_domain_sched_params_get, domid)

    def set_sched_params(self, domid: int, params: DomainSchedParams) -> None:
        """Change it; what is at its default in params stays."""
        self._core.check(f'change the scheduling of domain {domid}', lib.libxl_domain_sched_params_set, domid,
                         self._core.to_c(params))

    def vcpu_sched_params(self, domid: int) -> list[SchedParams]:
        """The same for each vCPU, of schedulers that know such."""
        return self._filled(VcpuSchedParams, f'read the scheduling of the vCPUs of domain {domid}',
                          lib.libxl_vcpu_sched_params_get_all, domid).vcpus

    # --- devices

    def disks(self, domid: int) -> list[DeviceDisk]:
        """The disks of a domain."""
        return self._core.several(DeviceDisk, f'list the disks of domain {domid}', lib.libxl_device_disk_list,
                                  lib.libxl_device_disk_list_free, domid)

    def disk_info(self, domid: int, disk: DeviceDisk) -> Diskinfo:
        """State of a disk's two sides."""
        return self._device_info(Diskinfo, lib.libxl_device_disk_getinfo, domid, disk)

    def find_disk(self, domid: int, vdev: str) -> DeviceDisk:
        """The disk that the guest knows as vdev."""
        return self._filled(DeviceDisk, f'find disk {vdev} of domain {domid}', lib.libxl_vdev_to_device_disk, domid,
                          vdev.encode())

    def nics(self, domid: int) -> list[DeviceNic]:
        """The network interfaces of a domain."""
        return self._core.several(DeviceNic, f'list the interfaces of domain {domid}', lib.libxl_device_nic_list,
                                  lib.libxl_device_nic_list_free, domid)

    def nic_info(self, domid: int, nic: DeviceNic) -> Nicinfo:
        """State of an interface's two sides."""
        return self._device_info(Nicinfo, lib.libxl_device_nic_getinfo, domid, nic)

    def find_nic(self, domid: int, which: int | str) -> DeviceNic:
        """The interface with this number, or this MAC address."""
        what = f'find interface {which} of domain {domid}'
        if isinstance(which, int):
            return self._filled(DeviceNic, what, lib.libxl_devid_to_device_nic, domid, which)
        return self._filled(DeviceNic, what, lib.libxl_mac_to_device_nic, domid, which.encode())

    def parse_disk(self, spec: str) -> DeviceDisk:
        """A disk as xl's configurations write it, 'phy:/dev/vg/root,xvda,w'."""
        disk, why = self._core.new(DeviceDisk), ffi.new('char[]', 512)
        if lib.xenolith_disk_parse(spec.encode(), disk, why, len(why)):
            raise ValueError(ffi.string(why).decode(errors='replace').strip() or f'{spec!r} is no disk')
        return self._core.from_c(DeviceDisk, disk)

    # --- helpers

    def _number(self, kind: str, what: str, function: Callable[..., int], *args: Any) -> int:
        """What the function writes into its last argument."""
        value = ffi.new(kind)
        self._core.check(what, function, *args, value)
        return int(value[0])

    def _filled(self, cls: type[R], what: str, function: Any, *args: Any) -> R:
        """The struct that the function fills in as its last argument."""
        p = self._core.new(cls)
        self._core.check(what, function, *args, p)
        return self._core.from_c(cls, p)

    def _device_info(self, cls: type[R], function: Any, domid: int, device: DeviceDisk | DeviceNic) -> R:
        with self._given(device) as c:
            return self._filled(cls, f'read a device of domain {domid}', function, domid, c)

    def _bitmap(self, bits: Iterable[int] | None) -> Any:
        """A bitmap of libxl; NULL for None."""
        if bits is None:
            return ffi.NULL
        wanted = set(bits)
        if not all(isinstance(b, int) and 0 <= b < 1 << 16 for b in wanted):
            raise ValueError(f'{sorted(wanted)} cannot be a set of processors')
        bitmap = ffi.new('libxl_bitmap *')
        lib.libxl_bitmap_init(bitmap)
        self._core.check('make a bitmap', lib.libxl_bitmap_alloc, bitmap, max(wanted, default=0) + 1)
        for bit in wanted:
            lib.libxl_bitmap_set(bitmap, bit)
        return ffi.gc(bitmap, lib.libxl_bitmap_dispose)

    @contextmanager
    def _given(self, value: Record) -> Iterator[Any]:
        """The value in C, for as long as libxl may look at it."""
        c = self._core.to_c(value)
        try:
            yield c
        finally:
            ffi.release(c)
