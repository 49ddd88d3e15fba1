# SPDX-License-Identifier: GPL-2.0-only
# The store and console daemons of this source over a pretended hypervisor, which stands where our own libraries are. Sourced
# with $top set.

# over_fakexen DAEMON OUT FLAG...: FLAG says how to build, and what pretends: tests/blackbox/fakexen.c or a library of it.
over_fakexen() {
	fakexen_daemon=$1 fakexen_out=$2
	shift 2
	case $fakexen_daemon in
	xenstored) set -- -I"$top/xenstored" "$top"/xenstored/*.c "$top"/xenstored/core/*.c "$top"/xenstored/state/*.c "$@" ;;
	xenconsoled)
		set -- -I"$top/libxl/toolcore" -D_GNU_SOURCE "$top"/xenconsoled/*.c "$top"/libxl/store/*.c \
			"$top/libxl/toolcore/handlereg.c" "$@" ;;
	esac
	${CC:-gcc} -std=gnu11 -w -g -O1 -I"$top/libxl/include" -o "$fakexen_out" "$top"/xenstored/daemon/*.c "$@"
}
