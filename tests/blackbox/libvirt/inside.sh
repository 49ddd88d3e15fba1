# SPDX-License-Identifier: GPL-2.0-only
# Run by run.sh in namespaces of its own: inside.sh ours|theirs. Leaves the transcript and libxl's logs in $work.
out=$work/$1
mount -t overlay none -o "lowerdir=$cache/libvirt/root/usr:$debian/usr:/usr" /usr || { echo "no overlay"; exit 1; }
mkdir "$out/etc"
cp -a /etc/passwd /etc/group /etc/ld.so.cache /etc/nsswitch.conf "$cache/libvirt/root/etc/libvirt" "$out/etc/"
mount --bind "$out/etc" /etc || exit 1
for d in /var/lib /var/log /run /var/cache; do mount -t tmpfs none $d || exit 1; done
# Terminals are counted from 0 here.
mount -t devpts -o newinstance,ptmxmode=0666 none /dev/pts && mount --bind /dev/pts/ptmx /dev/ptmx || exit 1
cp -a "$cache/libvirt/root/var/lib/." /var/lib/
mkdir -p /run/lock /run/xen /run/flow/sys/proc/xen /run/flow/sys/sys/bus/xen-backend/drivers/{vbd,vif} \
	/var/lib/xen /var/log/xen /etc/xen/scripts
cd /run/flow || exit 1
cp "$work"/{live.so,xenstored,xenconsoled,tiny} .
truncate -s 1M one.img two.img
echo control_d >sys/proc/xen/capabilities
: >sys/proc/xen/privcmd
printf '%s\n' 'auth_unix_rw="none"' 'log_level=3' 'log_outputs="3:file:/run/flow/libvirtd.log"' >libvirtd.conf
store="$build/xenstored/client/xenstore write \$XENBUS_PATH"
printf '#!/bin/sh\nexec %s/hotplug-status connected\n' "$store" >vif-script
# Debian's library has files become devices by a script; here none is needed.
cat >/etc/xen/scripts/block <<X
#!/bin/sh
[ "\$1" = add ] || exit 0
$store/physical-device 7:0
exec $store/hotplug-status connected
X
chmod +x vif-script /etc/xen/scripts/block
mount --bind "$here/model.py" /usr/libexec/xen-qemu-system-i386 || exit 1
for f in disk later; do printf 'QFI\373\0\0\0\3' >$f.qcow2 && truncate -s 1M $f.qcow2 || exit 1; done
[ "$1" = theirs ] || [ -z "${DRIVER:-}" ] ||
	mount --bind "$DRIVER" /usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_libxl.so || exit 1
libraries=$build/libxl
[ "$1" = ours ] || libraries=/usr/lib/x86_64-linux-gnu
xl=$build/xl/xl
[ "$1" = ours ] || xl=/usr/lib/xen-4.17/bin/xl
echo "lockfile=\"$PWD/lock\"" >/etc/xen/xl.conf
export XL=$xl XENSTORE=$build/xenstored/client/xenstore LD_LIBRARY_PATH=$libraries FAKEXEN_HOST=$PWD/host FAKEXEN_CAPABLE=1 FAKEXEN_SYS=$PWD/sys XEN_KERNEL_CACHE= \
	LIBRARIES=$1 WORK=$PWD HERE=$here XENSTORED=$PWD/xenstored XENCONSOLED=$PWD/xenconsoled \
	PYTHONDONTWRITEBYTECODE=1 HOME=$PWD
LD_PRELOAD=$PWD/live.so timeout 900 /usr/bin/python3 "$here/flow.py" "$out/transcript"
rc=$?
cp -a /var/log/libvirt/libxl "$out/"
[ $rc = 0 ] || tail -5 libvirtd.log
exit $rc
