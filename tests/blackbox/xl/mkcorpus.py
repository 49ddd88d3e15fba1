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
    "hvm-kernel-loader": 'type="hvm"\nkernel="/usr/lib/xen-4.1/boot/hvmloader"',
    "hvm-kernel": 'type="hvm"\nkernel="/usr/lib/hvmloader/vmlinuz"',
    "comment-ends-dos": "vcpus=1 # one\r",
    "seclabel-alone": 'seclabel="system_u:system_r:domU_t"',
    "init-seclabel-alone": 'init_seclabel="system_u:system_r:domU_t"',
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
    "vif-blanks-in-values": "vif=['bridge=a ,ip= 10.0.0.1']",
    "vif-netfront": "vif=['type=netfront,bridge=a']",
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

    # the language
    "tabs-and-blanks": "\t vcpus \t=\t 2 \t\n   extra= 'a'",
    "no-last-newline-comment": "extra='a' # no more",
    "empty-lines": "\n\n\nvcpus=2\n\n\n;;;\n",
    "list-trailing-comma": "vif=['', '', ]",
    "list-over-lines": "vif=[\n'',\n\n'' # two\n]",
    "list-comments": "vif=[ # first\n'bridge=a', # second\n# third\n'bridge=b' ]",
    "list-semicolon-after": "vif=['']; vcpus=2",
    "list-append-twice": "vif=['bridge=a']\nvif+=['bridge=b']\nvif+=['bridge=c']",
    "list-overwritten": "vif=['bridge=a']\nvif=['bridge=b']",
    "string-hash": "extra='a#b'",
    "string-semicolon": "extra='a;b'",
    "string-empty": "extra=''",
    "string-newline-escape": r"extra='a\nb'",
    "string-double-in-single": "extra='\"'",
    "string-utf8": "extra='\u00fc\u4e16'",
    "string-long": "extra='" + "abcdefghij" * 100 + "'",
    "number-zero-vcpus-string": "vcpus='4'",
    "number-hex-string": "memory='0x80'",
    "number-octal-string": "memory='0200'",
    "key-order": "vif=['']\nmaxvcpus=4\nvcpus=2\nmaxmem=256",
    "python-style-spaces": "disk = [ 'phy:/dev/vg/a,xvda,w', ]\nvif = [ 'bridge=br0', ]",

    # old spellings
    "builder-pv-names": "builder='generic'\nroot='/dev/xvda1'",
    "quoted-everything": "memory='256'\nvcpus='2'\nmaxvcpus='4'\ncpu_weight='512'\nlocaltime='1'",
    "vif-list-empty": "vif=[]",
    "vif-vifname-ip-script": "vif=['vifname=vif-web, ip=192.0.2.3, script=vif-nat']",
    "vif-bridge-vifname": "vif=['mac=00:16:3E:12:34:56,bridge=xenbr0,vifname=web0']",
    "vif-accel": "vif=['accel=sfc']",
    "vif-route": "vif=['ip=192.0.2.5,script=vif-route,gatewaydev=eth1']",
    "vif-upper-mac": "vif=['mac=00:16:3E:AA:BB:CC']",
    "vif-trailing-comma": "vif=['bridge=a,']",
    "vif-double-comma": "vif=['bridge=a,,mac=00:16:3e:00:00:02']",
    "vif-devids": "vif=['devid=5', '']",
    "vif-key-unknown": "vif=['foo=1,bridge=a']",
    "vif-mtu": "vif=['mtu=1400']",
    "vif-rate-plain": "vif=['rate=100Kb/s', 'rate=5MB/s@50us']",
    "vif-backend": "vif=['backend=netdom']",
    "disk-file-old": "disk=['file:/var/xen/a.img,sda1,w']",
    "disk-phy-relative": "disk=['phy:vg0/root,xvda2,w']",
    "disk-old-cdrom": "disk=['phy:/dev/cdrom,hdc:cdrom,r']",
    "disk-ioemu-dev": "disk=['file:/a.img,ioemu:hda,w']",
    "disk-tap-vhd": "disk=['tap:vhd:/a.vhd,xvda,w']",
    "disk-tap-qcow2": "disk=['tap:qcow2:/a.qcow2,xvda,w']",
    "disk-old-ro": "disk=['phy:/dev/sda,xvda,ro']",
    "disk-old-rw": "disk=['phy:/dev/sda,xvda,rw']",
    "disk-hd-names": "disk=['/a,raw,hda,w', '/b,raw,hdb,w', '/c,raw,sdc,w', '/d,raw,sdaa1,w']",
    "disk-numeric-vdev": "disk=['/a,raw,51712,w', '/b,raw,0xca10,w']",
    "disk-partition": "disk=['/a,raw,xvda1,w', '/b,raw,xvda2,r']",
    "disk-d-names": "disk=['/a,raw,d0,w', '/b,raw,d1p2,w']",
    "disk-many": "disk=[" + ", ".join(f"'/d{i},raw,xvd{chr(97 + i)},w'" for i in range(20)) + "]",
    "disk-access-words": "disk=['/a,raw,xvda,rw', '/b,raw,xvdb,ro', '/c,raw,xvdc,w', '/d,raw,xvdd,r']",
    "disk-devtype": "disk=['/a,raw,xvda,devtype=disk', '/b,raw,hdc,devtype=cdrom']",
    "disk-backendtypes": "disk=['/a,raw,xvda,w,backendtype=phy', '/b,raw,xvdb,w,backendtype=qdisk', "
                         "'/c,raw,xvdc,w,backendtype=tap']",
    "disk-target-last": "disk=['vdev=xvda,target=/a,b=c,d']",
    "disk-named-order": "disk=['access=ro, vdev=xvdb, format=raw, target=/x y']",
    "disk-script-old": "disk=['drbd:res0,xvda,w', 'iscsi:iqn.a,xvdb,w']",
    "disk-specification": "disk=['/a,raw,xvda,w,specification=xen']",
    "disk-empty-fields": "disk=['/a,,xvda,']",
    "disk-qed": "disk=['/a,qed,xvda,w']",
    "disk-colo": "disk=['/a,raw,xvda,w,colo,colo-host=h,colo-port=9,colo-export=e,active-disk=/x,hidden-disk=/y']",

    # CPUs, memory, actions, times
    "cpus-ranges": "vcpus=4\ncpus='0,2-3'",
    "cpus-not-all": "vcpus=2\ncpus='0-3,^2-3'",
    "cpus-soft-list": "vcpus=2\ncpus_soft=['0-1', '2-3']",
    "cpus-soft-all": "vcpus=2\ncpus_soft='all'",
    "cpus-spaces": "vcpus=1\ncpus='0, 1'",
    "cpus-nodes": "vcpus=1\ncpus='nodes:0'",
    "cpus-list-strings-not": "vcpus=2\ncpus=['all,^0', '1']",
    "vcpus-more-memory": "vcpus=4\nmemory=2048\nmaxmem=4096",
    "memory-big": "memory=1048576",
    "sched-zero-cap": "cap=0",
    "sched-weight-low": "cpu_weight=1",
    "on-rename": "on_crash='rename-restart'\non_reboot='rename-restart'",
    "on-coredump": "on_poweroff='coredump-destroy'\non_reboot='coredump-restart'",
    "on-soft-reset-preserve": "on_soft_reset='preserve'",
    "on-watchdog": "on_watchdog='destroy'",
    "localtime-off": "localtime=0",
    "rtc-negative": "rtc_timeoffset='-3600'",
    "tsc-numbers": "tsc_mode=2",
    "tsc-three": "tsc_mode=3",
    "passthrough-disabled": "passthrough='disabled'",
    "passthrough-sync": "passthrough='sync_pt'",
    "passthrough-share": "passthrough='share_pt'",
    "max-event-channels": "max_event_channels=4096",
    "grants-version-2": "max_grant_version=2",
    "cpuid-many": "cpuid='host,avx=0,avx2=0,x2apic=k,fma=s'",
    "cpuid-values": "cpuid='host,family=6,model=0x2a,stepping=7'",
    "cpuid-list-two": "cpuid=['1:ecx=" + "x" * 30 + "00,edx=" + "0" * 32 + "', '7:ebx=" + "x" * 32 + "']",
    "irqs-one": "irqs=[7]",
    "ioports-one": "ioports=['3f8']",
    "iomem-one": "iomem=['e0000,20']",
    "e820-pci": "e820_host=1\npci=['03:00.0']",
    "pci-options": "pci=['0000:01:00.0,msitranslate=1,power_mgmt=1,permissive=0,seize=1']",
    "pci-vslot": "pci=['01:00.0@1c']",
    "pci-rdm": "pci=['01:00.0,rdm_policy=relaxed']",
    "vfb-two": "vfb=['vnc=1', 'sdl=1']",
    "vfb-vnc-off": "vfb=['vnc=0']",
    "vfb-listen-port": "vfb=['vnc=1,vnclisten=0.0.0.0:7']",
    "vfb-empty": "vfb=['']",
    "vnc-only": "vnc=1",
    "vnc-off": "vnc=0",
    "sdl-only": "sdl=1",
    "channel-pty": "channel=['connection=pty,name=org.example.a']",
    "p9-two": "p9=['tag=a,path=/a,security_model=none', 'tag=b,path=/b,security_model=none,backend=d']",
    "pvcalls-two": "pvcalls=['', 'backend=d']",
    "vkb": "vkb=['backend-type=linux,unique-id=a,feature-multi-touch=1,multi-touch-num-contacts=5']",
    "vdispl": "vdispl=['backend=0,be-alloc=1,connectors=id0:1920x1080;id1:800x600']",
    "vuart": "vuart='sbsa_uart'",
    "usbctrl": "usbctrl=['type=pv,version=2,ports=4', 'type=auto']",
    "usbdev": "usbdev=['type=hostdev,hostbus=1,hostaddr=3']",
    "dm-version-old": "device_model_version='qemu-xen-traditional'",
    "dm-stubdom": "device_model_stubdomain_override=0\ndevice_model_stubdomain_seclabel='x'",
    "stubdom": "stubdomain_kernel='/k'\nstubdomain_cmdline='c'\nstubdomain_ramdisk='/r'\nstubdomain_memory=64",
    "vmtrace": "vmtrace_buf_kb=64",
    "vpmu-off": "vpmu=0",
    "gic": "gic_version='v2'",
    "tee": "tee='none'",
    "tee-optee": "tee='optee'",
    "vdispl-alone": "vdispl=['connectors=a:1x1']",
    "usbdev-port": "usbctrl=['']\nusbdev=['hostbus=2,hostaddr=4,type=hostdev,controller=0,port=2']",
    "vnuma": "vcpus=2\nvnuma=[['pnode=0','size=32','vcpus=0','vdistances=10,20'],"
             "['pnode=0','size=32','vcpus=1','vdistances=20,10']]",
    "vnuma-one": "vcpus=2\nvnuma=[['pnode=0','size=96','vcpus=0-1']]",
    "vnuma-none": "vnuma=[]",
    "vsnd": "vsnd=[['card,backend=0,buffer-size=65536,short-name=s,long-name=l,sample-rates=44100;48000,"
            "sample-formats=s16_le;u8,channels-min=1,channels-max=2', 'pcm,name=dev1', "
            "'stream,unique-id=p,type=P', 'stream,unique-id=q,type=C', 'pcm,name=dev2', 'stream,unique-id=r,type=p']]",
    "vsnd-short": "vsnd=[['card','stream,unique-id=p,type=P']]",
    "spaces-in-name": "name='a b'",
    "name-dots": "name='web.example.org'",
}

# Whole files, as people write them.
WHOLE = {
    "whole-xen-tools": """
#  Configuration file for the Xen instance web, created by a tool
#  Kernel + memory size
#
kernel      = '/boot/vmlinuz-6.1.0-amd64'
extra       = 'elevator=noop'
ramdisk     = '/boot/initrd.img-6.1.0-amd64'

vcpus       = '2'
memory      = '1024'

#  Disk device(s).
root        = '/dev/xvda2 ro'
disk        = [
                  'phy:/dev/vg0/web-disk,xvda2,w',
                  'phy:/dev/vg0/web-swap,xvda1,w',
              ]

#  Physical volumes

#  Hostname
name        = 'web'
uuid        = "11111111-2222-3333-4444-555555555555"

#  Networking
dhcp        = 'dhcp'
vif         = [ 'mac=00:16:3E:9E:10:01' ]

#  Behaviour
on_poweroff = 'destroy'
on_reboot   = 'restart'
on_crash    = 'restart'
""",
    "whole-pygrub": """
bootloader = '/usr/lib/xen-4.17/bin/pygrub'
name = 'db'
uuid = "11111111-2222-3333-4444-555555555555"
memory = '2048'
maxmem = '4096'
vcpus = '2'
maxvcpus = '8'
disk = [ 'file:/srv/xen/db/disk.img,xvda2,w', 'file:/srv/xen/db/swap.img,xvda1,w', ]
vif = [ 'ip=192.0.2.10,mac=00:16:3E:00:00:0A,bridge=xenbr0,vifname=db0' ]
on_poweroff = 'destroy'
on_reboot = 'restart'
on_crash = 'restart'
""",
    "whole-route": """
name="router"; memory=128; vcpus=1; uuid="11111111-2222-3333-4444-555555555555"
kernel="/srv/k"; ramdisk="/srv/i"; extra="console=hvc0 quiet"
vif=['script=vif-route,ip=198.51.100.2,mac=00:16:3e:00:01:02,vifname=router','bridge=br1,rate=10Mb/s']
disk=['/srv/router.img,raw,xvda,rw']
cpus=["0","1"]
cpu_weight=128
""",
    "whole-unikernel": """
# a unikernel
name = 'hello'
uuid = "11111111-2222-3333-4444-555555555555"
kernel = '/srv/hello.xen'
memory = 32
on_crash = 'preserve'
vif = [ 'bridge=br0' ]
""",
    "whole-installer": """
kernel = "/srv/netboot/vmlinuz"
ramdisk = "/srv/netboot/initrd.gz"
extra = "debian-installer/exit/always_halt=true -- console=hvc0"
name = "installer"
uuid = "11111111-2222-3333-4444-555555555555"
memory = 512
disk = ['format=raw, vdev=xvda, access=rw, target=/srv/installer.img']
vif = [' ']
on_reboot = "destroy"
on_crash = "destroy"
""",
    "whole-docs-pv": """
# PV guest
name = "example.pvlinux"
uuid = "11111111-2222-3333-4444-555555555555"
kernel = "/boot/vmlinuz"
extra = "root=/dev/xvda1"
memory = 128
#maxmem = 512
vcpus = 2
vif = [ '' ]
disk = [ '/dev/vg/guest-volume,raw,xvda,rw' ]
""",
    "whole-hvm-old": """
builder = "hvm"
name = "win"
uuid = "11111111-2222-3333-4444-555555555555"
memory = "2048"
vcpus = 2
boot = "dc"
disk = [ 'file:/srv/win.img,hda,w', 'file:/srv/win.iso,hdc:cdrom,r' ]
vif = [ 'type=ioemu, bridge=xenbr0, model=e1000' ]
sdl = 0
vnc = 1
vnclisten = "127.0.0.1"
vncpasswd = ''
usb = 1
usbdevice = "tablet"
serial = "pty"
acpi = 1
apic = 1
pae = 1
localtime = 1
on_poweroff = 'destroy'
on_reboot = 'restart'
on_crash = 'restart'
""",
    "whole-hvm-new": """
type = "hvm"
name = "fbsd"
uuid = "11111111-2222-3333-4444-555555555555"
memory = 1024
vcpus = 4
maxvcpus = 8
bios = "seabios"
boot = "cd"
disk = [ '/srv/f.img,raw,hda,rw', ',,hdc,,cdrom' ]
vif = [ 'bridge=br0,type=vif' ]
vga = "stdvga"
videoram = 16
nestedhvm = 0
hpet = 1
viridian = 1
xen_platform_pci = 1
usbdevice = [ "tablet", "keyboard" ]
serial = [ "pty", "/dev/ttyS1" ]
""",
    "whole-hvm-stdvga": "type='hvm'\nname='v'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\nstdvga=1\n",
    "whole-hvm-viridian": "type='hvm'\nname='v'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                          "viridian=['base','freq','!apic_assist']\n",
    "whole-hvm-ovmf": "type='hvm'\nname='v'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                      "bios='ovmf'\nbios_path_override='/o'\nfirmware='uefi'\n",
    "whole-hvm-rom": "type='hvm'\nname='v'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                     "hdtype='ahci'\nmca_caps=['lmce']\nvendor_device='xenserver'\nms_vm_genid='none'\n",
    "whole-hvm-spice": "type='hvm'\nname='v'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                       "spice=1\nspicehost='0.0.0.0'\nspiceport=6000\nspicedisable_ticketing=1\n"
                       "spiceagent_mouse=0\nspicevdagent=1\nspice_clipboard_sharing=0\nspiceusbredirection=4\n",
    "whole-hvm-gfx": "type='hvm'\nname='v'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                     "gfx_passthru='igd'\npci=['00:02.0']\n",
    "whole-hvm-direct": "type='hvm'\nname='v'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                        "kernel='/k'\nramdisk='/r'\ncmdline='c'\n",
    "whole-hvm-rdm": "type='hvm'\nname='v'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                     "rdm='strategy=host'\nrdm_mem_boundary=2048\nmmio_hole=3072\n",
    "whole-hvm-timers": "type='hvm'\nname='v'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                        "timer_mode='one_missed_tick_pending'\nvpt_align=1\nnx=1\nacpi_s3=0\nacpi_s4=0\n",
    "whole-pvh": "type='pvh'\nname='h'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                 "kernel='/k'\nramdisk='/r'\ncmdline='c'\nvcpus=2\ndisk=['/a,raw,xvda,w']\nvif=['']\n",
    "whole-pvh-shim": "type='pvh'\nname='h'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                      "kernel='/k'\npvshim=1\npvshim_path='/s'\npvshim_cmdline='q'\npvshim_extra='e'\n",
    "whole-pvh-bootloader": "type='pvh'\nname='h'\nuuid='11111111-2222-3333-4444-555555555555'\nmemory=64\n"
                            "bootloader='pygrub'\nbootloader_args=['-q']\napic=1\ntimer_mode=1\n",
}

# What must be refused, by that release as by this one.
REFUSED = {
    "no-quote-end": "extra='a",
    "no-value": "extra=",
    "no-equals": "extra 'a'",
    "bare-word": "extra=a",
    "line-ends-dos": "vcpus=1\r",
    "line-ends-dos-empty": "\r",
    "form-feed": "vcpus=1\f",
    "list-open": "vif=['a'",
    "list-no-comma": "vif=['' '']",
    "two-on-a-line": "vcpus=1 memory=5",
    "memory-word": "memory='lots'",
    "memory-unit": "memory='1G'",
    "memory-list": "memory=[1]",
    "maxmem-less": "maxmem=32",
    "vcpus-word": "vcpus='two'",
    "vcpus-more": "vcpus=4\nmaxvcpus=2",
    "cpus-bad": "cpus='x'",
    "cpus-backwards": "cpus='3-1'",
    "cpus-none": "cpus='9'",
    "uuid-bad": "uuid='123'",
    "type-bad": "type='foo'",
    "builder-bad": "builder='foo'",
    "on-crash-bad": "on_crash='x'",
    "on-poweroff-bad": "on_poweroff='reboot'",
    "tsc-bad": "tsc_mode='never'",
    "disk-string": "disk='/a,raw,xvda,w'",
    "disk-no-vdev": "disk=['/a']",
    "disk-format-bad": "disk=['/a,foo,xvda,w']",
    "disk-access-bad": "disk=['/a,raw,xvda,q']",
    "disk-param-bad": "disk=['/a,raw,xvda,w,foo=1']",
    "disk-target-twice": "disk=['target=/a,target=/b']",
    "disk-backendtype-bad": "disk=['/a,raw,xvda,w,backendtype=foo']",
    "disk-too-many": "disk=['/a,raw,xvda,w,x']",
    "vif-mac-bad": "vif=['mac=zz']",
    "vif-mac-long": "vif=['mac=00:16:3e:00:00:00:00']",
    "vif-rate-bad": "vif=['rate=fast']",
    "vif-type-bad": "vif=['type=foo']",
    "pci-bad": "pci=['zz']",
    "ioports-bad": "ioports=['zz']",
    "ioports-backwards": "ioports=['3ff-3f8']",
    "iomem-bad": "iomem=['zz']",
    "irqs-bad": "irqs=['x']",
    "cpuid-bad": "cpuid='host,foo=1'",
    "passthrough-bad": "passthrough='x'",
    "altp2m-bad": "altp2m='x'",
    "channel-no-name": "channel=['connection=pty']",
    "channel-connection-bad": "channel=['name=a,connection=foo']",
    "vtpm-no-backend": "vtpm=['uuid=11111111-2222-3333-4444-555555555555']",
    "p9-missing": "p9=['tag=a']",
    "number-negative": "rtc_timeoffset=-3600",
    "vsnd-bad": "vsnd=[['card','pcm','stream,type=x']]",
    "vsnd-word": "vsnd=[['foo']]",
    "vnuma-flat": "vnuma=['pnode=0']",
    "vnuma-size": "vnuma=[['size=x']]",
    "dm-version-bad": "device_model_version='foo'",
}


def write(path, text):
    with open(path, "w", newline="", encoding="utf-8") as f:
        f.write(text)


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    for name, body in CASES.items():
        write(os.path.join(out, name + ".cfg"), BASE.replace("NAME", name) + body + "\n")
    for name, text in WHOLE.items():
        write(os.path.join(out, name + ".cfg"), text.lstrip("\n"))
    for name, body in REFUSED.items():
        write(os.path.join(out, name + ".refused"), BASE.replace("NAME", name) + body + "\n")


main()
