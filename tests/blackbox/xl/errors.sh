#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What a user reads when a configuration or the host is broken: each message, and that nothing stays behind.
# UPDATE=1 writes errors.txt anew: read it before it is kept.
. "$(dirname "$0")/private.sh"
mkdir -p /etc/xen/scripts "$work/sys/sys/bus/xen-backend/drivers/vbd" \
	"$work/sys/sys/bus/xen-backend/drivers/vif"
cd "$work" || exit 1
printf 'lockfile="%s/lock"\n' "$work" >xl.conf
export XL_CONF=$work/xl.conf FAKEXEN_SYS=$work/sys XEN_KERNEL_CACHE=
cat >store <<'X'
/local/domain/7/vm /vm/07070707-0707-0707-0707-070707070707
/local/domain/0/memory/target 1048576
X
export FAKEXEN_STORE=$work/store FAKEXEN_DUMP=$work/dump FAKEXEN_CAPABLE=1

# Things to use.
truncate -s 1M disk.img
truncate -s 0 empty.img
truncate -s 1M disk.qcow2
printf 'QFI\373' >good.qcow2
truncate -s 1M good.qcow2
head -c 100000 /bin/bash >short.kernel
printf 'not a kernel at all, just some text\n' >text.kernel
printf '\037\213garbage' >garbled.kernel
head -c 80M /dev/zero | gzip >bomb.kernel
: >zero.kernel
printf '#!/bin/sh\nexit 3\n' >bad-script; chmod +x bad-script
printf '#!/bin/sh\nexit 0\n' >plain-script
mkdir -p nomodule/sys/bus/xen-backend/drivers
# Domain 9 has the disk already.
{ cat store; share=$(python3 -c "
import os; s = os.stat('disk.img'); print('f%x-%d' % (s.st_dev, s.st_ino))")
echo "/libxl/9/device/vbd/51712/backend /local/domain/0/backend/vbd/9/51712"
echo "/tool/xenolith/disks/$share/9-51712 w"; } >used
printf 'xyz' >text.save
printf 'LibxlFmt' >short.save

case_number=0
# try TITLE [VARIABLE=VALUE...] COMMAND...
try() {
	local title=$1 rc settings=()
	shift
	while [[ $1 == *=* && $1 != *\"* ]]; do settings+=("$1"); shift; done
	case_number=$((case_number + 1))
	rm -f dump /var/log/xen/*
	env "${settings[@]}" LD_PRELOAD="$work/fakexen.so" "$XL" "$@" >out 2>err </dev/null
	rc=$?
	{
		echo "=== $title"
		echo "\$ ${settings[*]:+${settings[*]} }xl $*"
		sed "s/segment of [0-9]* bytes/segment of N bytes/" err
		echo "(exit $rc)"
	} >>all
	[ $rc != 0 ] || fail "$title: exit 0"
	# What is said on the terminal is in the file that it points to.
	story=$(sed -n 's/^xl: the full story is in //p' err)
	if [ -n "$story" ]; then
		sed -n 's/^libxl: error: //p' err | grep -qFf - "$story" || fail "$title: $story has no such story"
	fi
	[ -s err ] || fail "$title: nothing is said"
	if [ -f dump ] && grep -vE '^/local/(domain/[0-9]+/(name|vm)|pool/0/name) |^/local/domain/0/memory/target 1048576$|^/libxl/9/device/vbd/51712/backend |^/tool/xenolith/names/guest 7$|^/tool/xenolith/disks/.*/9-51712 ' dump >left; then
		fail "$title leaves behind: $(cat left)"
	fi
}

# config TITLE [VARIABLE=VALUE...] TEXT: create from a configuration
config() {
	local title=$1 settings=()
	shift
	while [[ $1 =~ ^FAKEXEN_[A-Z_]*= ]]; do settings+=("$1"); shift; done
	printf '%s\n' 'name="t"' "kernel=\"$work/text.kernel\"" 'memory=64' "$1" >t.cfg
	try "$title" "${settings[@]}" create -q t.cfg
	echo "t.cfg: ${1//$work/WORK}" >>all
}

config "kernel that is no kernel" ''
config "kernel cut short" "kernel=\"$work/short.kernel\""
config "kernel with garbled compression" "kernel=\"$work/garbled.kernel\""
config "kernel that unpacks to more than a small guest may have" "kernel=\"$work/bomb.kernel\""
config "kernel that unpacks to more than the guest has" "kernel=\"$work/bomb.kernel\";memory=79"
config "kernel that unpacks to no kernel" "kernel=\"$work/bomb.kernel\";memory=80"
config "kernel of no bytes" "kernel=\"$work/zero.kernel\""
config "kernel without PV notes" 'kernel="/bin/true"'
config "kernel missing" 'kernel="/nonexistent/vmlinuz"'
config "kernel is a folder" 'kernel="/tmp"'
config "ramdisk missing" 'ramdisk="/nonexistent/initrd"'
config "boot loader without a disk" 'bootloader="/nonexistent/pygrub"'
config "boot loader missing" "bootloader='/nonexistent/pygrub';disk=['$work/disk.img,raw,xvda,w']"
config "boot loader that finds nothing" "bootloader='/bin/true';disk=['$work/disk.img,raw,xvda,w']"
config "name taken" 'name="guest"'
config "name with a slash" 'name="a/b"'
config "memory short" FAKEXEN_FREE_MIB=50 ''
config "memory too little for any guest" 'memory=0'
config "hypervisor refuses the domain" FAKEXEN_FAIL=createdomain=ENOMEM ''
config "hypervisor refuses vCPUs" FAKEXEN_FAIL=max_vcpus=EINVAL 'vcpus=200'
config "CPU that the host lacks" 'cpus="77"'
config "pool that does not exist" 'pool="nosuch"'
config "HVM guest" 'type="hvm"'
config "PVH guest" 'type="pvh"'
config "framebuffer without QEMU" "vfb=['vnc=1']"
config "framebuffer with two displays" "vfb=['vnc=1,vnclisten=0.0.0.0:1,vncdisplay=2']"
config "keyboard of a backend elsewhere" "vkb=['backend-type=linux,backend=guest']"
config "TPM of a backend that does not exist" "vtpm=['backend=nosuch']"
config "channel without QEMU" "channel=['connection=pty,name=a']"
try "display that nothing serves" FAKEXEN_BACKEND=silent vdispl-attach guest connectors=a:1x1
try "display without connectors" vdispl-attach guest be-alloc=1
try "keyboard of no kind" vkb-attach guest width=640
try "sound card of unknown parts" vsnd-attach guest card drum
try "TPM that is not there" vtpm-detach guest 5
try "CD of a PV guest" cd-insert guest xvdc "$work/disk.img"
try "migration" migrate guest elsewhere
try "PCI device for a guest that runs" pci-attach guest 01:00.0
config "PCI device" "pci=['01:00.0']"
config "virtual NUMA nodes" "vnuma=[['pnode=0','size=64']]"
config "disk image missing" "disk=['/nonexistent/disk.img,raw,xvda,w']"
config "disk image empty" "disk=['$work/empty.img,raw,xvda,w']"
config "disk is a character device" "disk=['/dev/null,raw,xvda,w']"
config "disk image of another format" "disk=['$work/disk.qcow2,qcow2,xvda,w']"
config "disk of a format that the kernel cannot serve" "disk=['format=qcow2,backendtype=phy,vdev=xvda,target=$work/good.qcow2']"
config "disk of a format that needs QEMU" "disk=['$work/good.qcow2,qcow2,xvda,w']"
config "two disks with one name" "disk=['$work/disk.img,raw,xvda,w','$work/disk.img,raw,xvda,r']"
config "disk with an impossible name" "disk=['$work/disk.img,raw,floppy,w']"
config "disk behind another domain" "disk=['vdev=xvda,backend=other,target=$work/disk.img']"
config "bridge missing" "vif=['bridge=nosuchbr']"
config "bridge of an impossible name" "vif=['bridge=a/b']"
config "interface name too long" "vif=['bridge=lo,script=$work/plain-script,vifname=a-name-that-is-too-long']"
config "two interfaces with one number" "vif=['script=$work/bad-script,devid=1','script=$work/bad-script,devid=1']"
config "misspelt key, strictly" 'name=t'
config "xenstored down" FAKEXEN_FAIL=xs_open=ENOENT ''
config "xenstored refuses transactions" FAKEXEN_FAIL=xs_transaction=ENOSPC ''
try "not on Xen" FAKEXEN_FAIL=open=ENOENT list
try "hypervisor of another release" FAKEXEN_FAIL=sysctl=EACCES,domctl=EACCES list
try "xenstored down, listing" FAKEXEN_FAIL=xs_open=ENOENT domid guest
try "configuration missing" create -q /nonexistent.cfg
try "domain that does not exist" pause gues
try "attach a disk that is missing" block-attach guest /nonexistent/disk.img,raw,xvdb,w
try "attach a disk in use by another domain" "FAKEXEN_STORE=$work/used" block-attach guest "$work/disk.img,raw,xvdb,w"
try "attach a disk with a script that fails" block-attach guest "vdev=xvdb,script=$work/bad-script,target=x"
try "attach a disk with a script that is missing" block-attach guest "vdev=xvdb,script=nosuch,target=x"
try "attach a disk with a script that may not be run" block-attach guest "vdev=xvdb,script=$work/plain-script,target=x"
try "attach a disk, backend module missing" "FAKEXEN_SYS=$work/nomodule" block-attach guest "vdev=xvdb,script=$work/bad-script,target=x"
try "attach a disk, backend fails" FAKEXEN_BACKEND=error block-attach guest "vdev=xvdb,script=$work/bad-script,target=x"
try "attach to a domain that does not exist" block-attach nosuch "$work/disk.img,raw,xvdb,w"
try "detach a disk that is not there" block-detach guest xvdb
try "attach an interface to a missing bridge" network-attach guest bridge=nosuchbr
try "attach an interface, script fails" network-attach guest "script=$work/bad-script"
try "attach an interface, backend module missing" "FAKEXEN_SYS=$work/nomodule" network-attach guest "script=$work/bad-script"
try "attach an interface, setting misspelt" network-attach guest brige=xenbr0
try "detach an interface that is not there" network-detach guest 3
try "save into a folder that is missing" save guest /nonexistent/guest.save
try "save a domain that does not exist" save nosuch "$work/x.save"
try "save domain 0" save 0 "$work/x.save"
try "restore from a file that is missing" restore /nonexistent.save
try "restore from text" restore "$work/text.save"
try "restore from a file cut short" restore "$work/short.save"
try "destroy domain 0" destroy 0
try "destroy, hypervisor refuses" FAKEXEN_FAIL=destroydomain=EPERM destroy guest
try "more memory than the domain may have" mem-set guest 100g
try "more vCPUs than the host has CPUs" vcpu-set guest 9
try "rename to a name that is taken" rename guest Domain-0

sed -i "s|$work|WORK|g" all
[ -n "${UPDATE:-}" ] && cp all "$here/errors.txt"
diff -u "$here/errors.txt" all || fail "messages read differently"
echo "$case_number broken configurations and hosts, $failures failures"
[ "$failures" = 0 ]
