# SPDX-License-Identifier: GPL-2.0-only
"""What the package reads and refuses, on the host of xl's tests (fakexen.c)."""
from __future__ import annotations

import dataclasses
import json
import logging
import os
import pathlib
import pickle
import typing
import unittest
import unittest.mock
from collections.abc import Callable
from enum import IntEnum
from types import UnionType
from uuid import UUID, uuid4

import xenolith
from xenolith import (ConsoleType, Context, DeviceDisk, DeviceNic, DomainBuildInfo, DomainBuildInfoPv, DomainConfig,
                      DomainCreateInfo, DomainSchedParams, DomainType, Error, LibxlError, Scheduler, ShutdownReason,
                      Trigger)
from xenolith._libxl import lib
from xenolith._record import Arms, Record


def other_values(cls: type[Record]) -> typing.Iterator[Record]:
    """Records of which every field is away from its default: one, or one for each arm of the union."""
    hints = typing.get_type_hints(cls, {**vars(typing), **vars(xenolith.types)})
    new, union = cls(), None
    for f in dataclasses.fields(cls):
        codec = f.metadata['codec']
        if isinstance(codec, Arms):
            union = f.name, codec
        elif not f.metadata['switch']:
            setattr(new, f.name, other(f.name, hints[f.name], getattr(new, f.name)))
    if union is None:
        yield new
        return
    name, codec = union
    for key, arm in codec.classes.items():
        for value in other_values(arm):
            yield dataclasses.replace(new, **{codec.key: key, name: value})


def other(name: str, hint: typing.Any, default: typing.Any) -> typing.Any:
    """A value of the type that is not the default."""
    if typing.get_origin(hint) is UnionType:
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
    origin = typing.get_origin(hint)
    if name == 'cpuid':
        return {'cpuid': [{'leaf': 1, 'ecx': 'x' * 31 + '0'}], 'msr': []}
    if name == 'hw_cap':
        return [1, 2, 3, 4]
    if origin is list:
        of = typing.get_args(hint)[0]
        return [other('', of, of() if isinstance(of, type) and not issubclass(of, IntEnum) else None)]
    if origin is set:
        return {0, 9, 63}
    if origin is dict:
        return {'key': 'value', 'empty': None}
    if issubclass(hint, IntEnum):
        return next(v for v in hint if v is not default)
    if issubclass(hint, Record):
        return next(other_values(hint))
    return {bool: not default, int: 7 if default != 7 else 8, str: '02:16:3e:00:00:01' if name == 'mac' else 'täxt',
            UUID: UUID(int=5), bytes: bytes(range(16))}[hint]


def filled(tree: typing.Any) -> typing.Any:
    """Without what is empty."""
    if isinstance(tree, list):
        return [filled(member) for member in tree]
    if not isinstance(tree, dict):
        return tree
    return {key: value for key, member in tree.items() if (value := filled(member)) not in ({}, [])}


class Types(unittest.TestCase):
    def test_every_struct_through_libxl(self) -> None:
        n = 0
        with Context() as host:
            for name in xenolith.types.__all__:
                cls = getattr(xenolith, name)
                if issubclass(cls, IntEnum) or not cls.LIBXL:
                    continue
                self.assertEqual(host._core.from_c(cls, host._core.new(cls)), cls())
                for value in other_values(cls):
                    read = host._core.from_c(cls, host._core.to_c(value))
                    self.assertEqual(read, value)
                    self.assertEqual(cls.from_json(value.to_json()), value)
                    n += 1
        self.assertGreater(n, 60)

    def test_configurations_of_xl(self) -> None:
        """What Debian's xl makes of a corpus of files, into Python and libxl and back."""
        files = list(pathlib.Path(__file__).parent.parent.glob('xl/corpus/*.json'))
        self.assertGreater(len(files), 200)
        with Context() as host:
            for path in files:
                with self.subTest(path.name):
                    tree = json.loads(path.read_text())
                    config = DomainConfig.from_dict(tree)
                    self.assertEqual(filled(config.to_dict()), filled(tree))
                    self.assertEqual(host._core.from_c(DomainConfig, host._core.to_c(config)), config)

    def test_numbers_that_the_compiler_knows(self) -> None:
        self.assertEqual(DomainBuildInfo().max_grant_frames, 0xffffffff)
        self.assertEqual(DomainBuildInfo().max_memkb, lib.LIBXL_MEMKB_DEFAULT)

    def test_union_and_key_disagree(self) -> None:
        with self.assertRaisesRegex(ValueError, 'does not go with a DomainBuildInfoPv'):
            DomainBuildInfo(type=DomainType.HVM, u=DomainBuildInfoPv()).to_dict()

    def test_wrong_values_are_named(self) -> None:
        with self.assertRaisesRegex(ValueError, "DomainCreateInfo.type cannot be 'mainframe'"):
            DomainConfig.from_dict({'c_info': {'type': 'mainframe'}})


class Facts(unittest.TestCase):
    def setUp(self) -> None:
        self.host = self.enterContext(Context())

    def test_host(self) -> None:
        self.assertEqual((self.host.version().xen_version_major, self.host.version().xen_version_extra), (4, '.0'))
        info = self.host.physinfo()
        self.assertEqual((info.nr_cpus, info.cap_pv, info.cap_hvm, info.cpu_khz), (4, True, False, 2000000))
        self.assertEqual(self.host.free_memory(), 6 << 20)
        self.assertEqual(self.host.scheduler(), Scheduler.CREDIT2)
        self.assertEqual([c.core for c in self.host.cpu_topology()], [0, 1, 2, 3])
        self.assertEqual((self.host.numa()[0].size, self.host.numa()[0].dists), (8 << 30, [10]))
        self.assertEqual([(p.pool_name, p.cpumap) for p in self.host.cpupools()], [('Pool-0', {0, 1, 2, 3})])

    def test_domains(self) -> None:
        found = self.host.domains()
        self.assertEqual([d.domid for d in found], [0, 7, 9, 10, 300, 301])
        self.assertEqual(found[1].uuid, UUID('07' * 16))
        self.assertTrue(found[1].paused and found[1].blocked and not found[1].running)
        self.assertEqual([found[i].shutdown_reason for i in (1, 2, 3)],
                         [ShutdownReason.UNKNOWN, ShutdownReason.CRASH, ShutdownReason.POWEROFF])
        self.assertIs(type(found[2].shutdown_reason), ShutdownReason)
        self.assertEqual(self.host.domain(9), found[2])
        self.assertEqual([self.host.name(d.domid) for d in found[:2]], ['Domain-0', 'guest'])
        self.assertIsNone(self.host.name(300))
        self.assertEqual((self.host.domid('guest'), self.host.domid('9')), (7, 9))

    def test_vcpus(self) -> None:
        self.assertEqual([(v.vcpuid, v.cpumap, v.vcpu_time) for v in self.host.vcpus(7)],
                         [(0, {0, 1, 2, 3}, 250000000)])
        self.host.pin(7, 0, hard=[0, 1])
        self.host.pin(7, 0, soft={2})
        with self.assertRaises(ValueError):
            self.host.pin(7, 0, {-1})
        with self.assertRaisesRegex(LibxlError, 'pin vCPU 0 of domain 55'):
            self.host.pin(55, 0, {1})

    def test_errors(self) -> None:
        with self.assertLogs('xenolith', logging.ERROR), self.assertRaises(LibxlError) as caught:
            self.host.destroy(55)
        error = caught.exception
        self.assertEqual((error.code, error.what), (Error.DOMAIN_NOTFOUND, 'destroy domain 55'))
        self.assertTrue(error.messages)
        copy = pickle.loads(pickle.dumps(error))
        self.assertEqual((str(copy), copy.code), (str(error), error.code))
        with self.assertRaises(LibxlError) as caught:
            self.host.domain(55)
        self.assertEqual((caught.exception.code, caught.exception.messages), (Error.DOMAIN_NOTFOUND, ()))
        with self.assertRaisesRegex(LibxlError, 'find domain nobody'):
            self.host.domid('nobody')

    def test_closed(self) -> None:
        self.host.close()
        self.host.close()
        with self.assertRaisesRegex(ValueError, 'closed'):
            self.host.domains()

    def test_calls_about_nobody(self) -> None:
        """Each call takes what its signature says, and each refusal is an exception."""
        host, disk, nic = self.host, DeviceDisk(vdev='xvda', pdev_path='/dev/null'), DeviceNic(devid=0)
        nobody: list[Callable[[int], object]] = [
            host.pause, host.unpause, host.shutdown, host.reboot, host.destroy, host.suspend, host.resume, host.config,
            host.vcpus, host.sched_params, host.vcpu_sched_params, host.memory_target, host.console_path,
            lambda d: host.rename(d, 'new'), lambda d: host.set_memory_target(d, 4096),
            lambda d: host.set_max_memory(d, 4096), lambda d: host.set_vcpus_online(d, {0}),
            lambda d: host.pin(d, 0, {0}), lambda d: host.set_sched_params(d, DomainSchedParams(weight=5)),
            lambda d: host.trigger(d, Trigger.NMI), lambda d: host.core_dump(d, '/dev/null'),
            lambda d: host.save(d, 1, live=True), lambda d: host.attach_disk(d, disk),
            lambda d: host.attach_nic(d, nic), lambda d: host.insert_cdrom(d, disk),
            lambda d: host.find_disk(d, 'xvda'), lambda d: host.find_nic(d, 0), lambda d: host.disk_info(d, disk),
            lambda d: host.nic_info(d, nic),
        ]
        for n, call in enumerate(nobody):
            with self.subTest(n), self.assertRaises(LibxlError) as caught:
                call(55)
            self.assertRegex(caught.exception.what, 'domain 55')

    def test_console(self) -> None:
        self.assertEqual(self.host.console_path(7), '/dev/pts/3')
        self.assertEqual(self.host.console_path(7, kind=ConsoleType.PV), '/dev/pts/3')
        with self.assertRaisesRegex(LibxlError, 'find the console of domain 9'):
            self.host.console_path(9)

    def test_disk_specifications(self) -> None:
        disk = self.host.parse_disk('phy:/dev/vg/root,xvda,w')
        self.assertEqual((disk.pdev_path, disk.vdev, disk.readwrite), ('/dev/vg/root', 'xvda', 1))
        with self.assertRaisesRegex(ValueError, 'nosuch'):
            self.host.parse_disk('nosuch=3')


class Sentences(unittest.TestCase):
    """What this libxl says about a fault, in the exception."""

    def setUp(self) -> None:
        self.host = self.enterContext(Context())

    def test_no_domain(self) -> None:
        with self.assertRaises(LibxlError) as caught:
            self.host.destroy(55)
        self.assertEqual(caught.exception.messages, ('domain 55: there is no such domain',))
        self.assertEqual(str(caught.exception), 'cannot destroy domain 55: domain 55: there is no such domain')

    def test_sysrq(self) -> None:
        with self.assertRaisesRegex(LibxlError, 'send a key to domain 55'):
            self.host.sysrq(55, 'h')

    def test_wrong_type(self) -> None:
        with self.assertRaisesRegex(LibxlError, '"vdev" has a value that does not fit') as caught:
            self.host.attach_disk(7, DeviceDisk(vdev=typing.cast(str, 5)))
        self.assertEqual(caught.exception.code, Error.FAIL)

    def test_refusal(self) -> None:
        with unittest.mock.patch.dict(os.environ, FAKEXEN_FAIL='sysctl=EPERM'):
            with self.assertRaisesRegex(LibxlError, 'Operation not permitted'):
                self.host.domains()

    def test_no_host(self) -> None:
        with unittest.mock.patch.dict(os.environ, FAKEXEN_FAIL='open=EACCES'):
            with self.assertRaisesRegex(LibxlError, 'cannot open a context of libxl: .*Permission denied'):
                Context()

    def test_scheduling(self) -> None:
        params = self.host.sched_params(7)
        self.assertEqual(params.sched, Scheduler.CREDIT2)
        self.host.set_sched_params(7, dataclasses.replace(params, weight=512))
        with self.assertRaisesRegex(LibxlError, 'change the scheduling of domain 7: .*weight'):
            self.host.set_sched_params(7, dataclasses.replace(params, weight=1 << 20))
        with self.assertRaisesRegex(LibxlError, 'read the scheduling of domain 55'):
            self.host.sched_params(55)


class Configurations(unittest.TestCase):
    xl = os.environ.get('XL', 'xl')

    def test_from_xl(self) -> None:
        text = '\n'.join(['name="web"', 'kernel="/boot/vmlinuz"', 'memory=64', 'vcpus=2', 'disk=["phy:/dev/x,xvda,w"]',
                          'vif=["bridge=br0"]'])
        config = xenolith.parse_config(text, 'memory=32', xl=self.xl)
        self.assertEqual((config.c_info.name, config.c_info.type), ('web', DomainType.PV))
        self.assertEqual((config.b_info.max_memkb, config.b_info.max_vcpus), (32 << 10, 2))
        self.assertEqual([d.vdev for d in config.disks], ['xvda'])
        self.assertEqual([n.bridge for n in config.nics], ['br0'])
        self.assertIsInstance(config.b_info.u, DomainBuildInfoPv)
        with self.assertRaisesRegex(ValueError, "`vcpus' .*must be a number|must be a number"):
            xenolith.parse_config('name="web"\nkernel="k"\nvcpus="many"\n', xl=self.xl)

    def test_there_and_back(self) -> None:
        config = DomainConfig(c_info=DomainCreateInfo(type=DomainType.PV, name='a', uuid=uuid4()),
                              b_info=DomainBuildInfo(type=DomainType.PV, u=DomainBuildInfoPv(), kernel='/k'))
        tree = config.to_dict()
        self.assertEqual(tree['c_info']['uuid'], str(config.c_info.uuid))
        self.assertEqual(tree['b_info']['type.pv'], {})
        self.assertEqual(DomainConfig.from_dict(tree), config)


if __name__ == '__main__':
    unittest.main()
