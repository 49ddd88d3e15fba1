# SPDX-License-Identifier: GPL-2.0-only
# Sourced first by tests in which xl keeps state and logs: a mount namespace with folders of its own for that; then lib.sh.
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${PRIVATE_INSIDE:-}" ]; then
	unshare -m true 2>/dev/null || { echo "no mount namespaces here"; exit 77; }
	export PRIVATE_INSIDE=1
	exec unshare -m --propagation private bash "$here/$(basename "$0")" "$@"
fi
. "$here/lib.sh"
mkdir -p "$work/etc"
cp -a /etc/passwd /etc/group /etc/ld.so.cache /etc/nsswitch.conf /etc/alternatives "$work/etc/"
mount --bind "$work/etc" /etc || exit 77
for d in /var/lib /var/log /run; do
	mount -t tmpfs none $d || exit 77
done
mkdir -p /var/lib/xen /var/log/xen /run/xen
