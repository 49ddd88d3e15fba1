#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the configuration files of the corpus: mkcorpus.py DIR.

The expected output of each, DIR/NAME.json, is what `xl create -n NAME.cfg` of Xen 4.17 printed on a
host with four CPUs; goldens.sh makes it there.
"""
import os
import sys

BASE = """name="NAME"
memory=64
kernel="/boot/vmlinuz"
uuid="11111111-2222-3333-4444-555555555555"
"""

CASES = {
    "minimal": "",
    "ramdisk": 'ramdisk="/boot/initrd"',
    "extra": 'extra="console=hvc0 ro"',
    "root": 'root="/dev/xvda1 ro"',
    "root-extra": 'root="/dev/xvda1 ro"\nextra="console=hvc0"',
    "cmdline": 'cmdline="root=/dev/xvda console=hvc0"',
    "cmdline-wins": 'cmdline="c"\nroot="/r"\nextra="e"',
    "type-pv": 'type="pv"',
    "builder-generic": 'builder="generic"',
    "bootloader": 'bootloader="pygrub"',
    "bootloader-args": 'bootloader="/usr/bin/pygrub"\nbootloader_args=["--kernel=/k", "--ramdisk=/r"]',
    "bootloader-args-string": 'bootloader="pygrub"\nbootloader_args="-a  b c"',
    "quoted-numbers": "memory='128'\nvcpus='2'\nmaxmem='256'",
    "hex-and-octal": "memory=0x80\nmaxmem=0400\nvcpus=01",
    "maxmem": "maxmem=128",
    "vcpus": "vcpus=3",
    "maxvcpus": "maxvcpus=4",
    "vcpus-maxvcpus": "vcpus=2\nmaxvcpus=4",
    "cpus-string": 'vcpus=2\ncpus="0-3,^1"',
    "cpus-number": "vcpus=1\ncpus=3",
    "cpus-all": 'vcpus=2\ncpus="all"',
    "cpus-all-but": 'vcpus=2\ncpus="all,^1"',
    "cpus-node": 'vcpus=1\ncpus="node:0"',
    "cpus-nodes-minus": 'vcpus=1\ncpus="nodes:0,^2"',
    "cpus-list": 'vcpus=2\ncpus=["0", "1-3,^2"]',
    "cpus-list-numbers": "vcpus=2\ncpus=[0, 1]",
    "cpus-list-short": "vcpus=3\ncpus=[1]",
    "cpus-list-long": "vcpus=1\ncpus=['0', '1']",
    "cpus-empty-list": "vcpus=2\ncpus=[]",
    "cpus-soft": 'vcpus=2\ncpus_soft="1"',
    "cpus-both": 'vcpus=2\nmaxvcpus=3\ncpus="0-3"\ncpus_soft=["1", "2"]',
    "sched": "cpu_weight=512\ncap=50",
    "sched-all": "cpu_weight=512\ncap=50\nperiod=1\nslice=2\nlatency=3\nextratime=1",
    "pool": 'pool="Pool-0"',
    "uuid-upper": 'uuid="AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE"',
    "seclabel": 'seclabel="system_u:system_r:domU_t"\ninit_seclabel="b"',
    "on-all": 'on_poweroff="preserve"\non_reboot="destroy"\non_crash="coredump-restart"\n'
              'on_watchdog="rename-restart"\non_soft_reset="destroy"',
    "on-crash-preserve": 'on_crash="preserve"',
    "on-crash-restart": 'on_crash="restart"',
    "on-crash-dump": 'on_crash="coredump-destroy"',
    "on-poweroff-soft-reset": 'on_poweroff="soft-reset"',
    "localtime": "localtime=1",
    "rtc": "rtc_timeoffset=3600",
    "tsc-native": 'tsc_mode="native"',
    "tsc-emulate": 'tsc_mode="always_emulate"',
    "tsc-default": 'tsc_mode="default"',
    "tsc-paravirt": 'tsc_mode="native_paravirt"',
    "tsc-number": "tsc_mode=1",
    "nomigrate": "nomigrate=1",
    "driver-domain": "driver_domain=1",
    "e820-host": "e820_host=1",
    "e820-host-off": "e820_host=0",
    "limits": "max_event_channels=100\nmax_grant_frames=32\nmax_maptrack_frames=64\nmax_grant_version=1",
    "shadow": "shadow_memory=8\nhap=1\noos=0",
    "passthrough": 'passthrough="enabled"',
    "suspend-compat": "xend_suspend_evtchn_compat=1",
    "irqs": "irqs=[1, 2, '3']",
    "ioports": "ioports=['2f8-2ff', '3f8']",
    "iomem": "iomem=['f0000,10', 'f1000,1@200']",
    "cpuid": 'cpuid="host,tm=0,sse3=0"',
    "cpuid-list": "cpuid=['1:ecx=" + "x" * 31 + "0']",
    "device-tree": 'device_tree="/d"',
    "dm": 'device_model_version="qemu-xen"\ndevice_model_override="/q"\ndevice_model_args=["-a", "-b"]\n'
          'device_model_args_pv=["c"]\ndevice_model_args_hvm=["d"]\ndevice_model_user="u"',
    "dm-restrict": "dm_restrict=1",
    "disk-phy": "disk=['phy:/dev/vg/root,xvda,w']",
    "disk-file": "disk=['file:/srv/a.img,xvda1,w', 'file:/srv/b.iso,hdc:cdrom,r']",
    "disk-tap": "disk=['tap:aio:/srv/a.img,xvda,w', 'tap2:tapdisk:aio:/srv/b,xvdb,w']",
    "disk-formats": "disk=['/a,raw,xvda,rw', '/b,qcow2,xvdb,ro', '/c,vhd,xvdc,w', '/d,qcow,xvdd,r']",
    "disk-defaults": "disk=['/a,,xvda', '/b,raw,xvdb']",
    "disk-named": "disk=['format=raw, vdev=xvda, access=rw, target=/dev/vg/a,b']",
    "disk-cdrom-empty": "disk=[',,hdc,,cdrom', ',hdd:cdrom,r']",
    "disk-flags": "disk=['/a,raw,xvda,w,direct-io-safe,discard', '/b,raw,xvdb,w,no-discard']",
    "disk-script": "disk=['vdev=xvda,script=block-foo,target=x', 'nbd:server:1,xvdb,w']",
    "disk-backend": "disk=['vdev=xvda,backend=dom1,backendtype=qdisk,target=/a']",
    "disk-multiline": "disk=[\n  'phy:/a,xvda,w', # first\n\n  'phy:/b,xvdb,r' ,\n]",
    "disk-append": "disk=['phy:/a,xvda,w']\ndisk+=['phy:/b,xvdb,w']",
    "disk-empty": "disk=[]",
    "vif-empty": "vif=['']",
    "vif-two": "vif=['', 'bridge=xenbr1']",
    "vif-all": "vif=['mac=00:16:3e:00:00:01,bridge=br0,vifname=v0,ip=10.0.0.2,script=vif-route,rate=1MB/s,"
               "model=e1000,type=vif,devid=3,mtu=9000,backend=dom1,gatewaydev=eth0']",
    "vif-mac-short": "vif=['mac=0:16:3E:AB:0:1']",
    "vif-trusted": "vif=['trusted', 'untrusted']",
    "vif-netdev": "vif=['netdev=eth0']",
    "vif-rates": "vif=['rate=10Mb/s', 'rate=250KB/s@20ms', 'rate=1GB/s@1s', 'rate=1MB/s@2']",
    "vif-ioemu": "vif=['type=ioemu,model=rtl8139']",
    "vif-spaces": "vif=[' bridge=br0, mac=00:16:3e:00:00:01']",
    "vfb": "vfb=['vnc=1,vnclisten=0.0.0.0,vncpasswd=x,vncdisplay=4,vncunused=1,keymap=de']",
    "vfb-sdl": "vfb=['sdl=1,opengl=0,display=:0,xauthority=/x']",
    "vfb-old": "vfb=['type=vnc']",
    "vnc-keys": "vnc=1\nvnclisten='1.2.3.4'\nvncpasswd='q'\nvncdisplay=2\nkeymap='fr'",
    "pci": "pci=['01:00.0', '0000:02:1f.7,permissive=1']",
    "pci-defaults": "pci_permissive=1\npci_msitranslate=1\npci_seize=1\npci_power_mgmt=1\npci=['01:00.0']",
    "channel": "channel=['name=foo,connection=pty', 'name=bar,connection=socket,path=/x']",
    "p9": "p9=['tag=t,path=/p,security_model=none']",
    "pvcalls": "pvcalls=['backend=0']",
    "vtpm": "vtpm=['backend=v,uuid=11111111-2222-3333-4444-555555555555']",
    "dtdev": "dtdev=['/a']",
    "misc": "acpi=1\nnestedhvm=1\naltp2m='mixed'\nvmtrace_buf_kb=64\nvpmu=1\nvideoram=8",
    "msr-relaxed": "msr_relaxed=1",
    "semicolons": "vcpus=2; extra='a' ;; memory=96;",
    "comments": "# one\nextra='a' # two ; root='b'\n   # three",
    "escapes": r'''extra="a\tb\\c\"d\'e"''',
    "single-quotes": "extra='say \"hi\"'",
    "append-string": "extra='a'\nextra+=' b'",
    "append-first": "extra+='b'",
    "last-wins": "kernel='/k1'\nkernel='/k2'",
    "unknown-key": "memroy=5\nfoo.bar='x'",
    "xend-leftovers": "on_xend_stop='shutdown'\nbootargs=''\nnfs_server='1.2.3.4'",
}


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    for name, body in CASES.items():
        with open(os.path.join(out, name + ".cfg"), "w", newline="") as f:
            f.write(BASE.replace("NAME", name) + body + "\n")


main()
