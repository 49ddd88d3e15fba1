#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --json: each document fits docs/schema/xl.json exactly, each command that has it is in the schema and here, and
# says what its text says.
. "$(dirname "$0")/private.sh"
export FAKEXEN_CAPABLE=1 FAKEXEN_STORE=$here/texts.store
# The configuration that is kept with the domain "guest".
printf '%s' '{ "vdispls": [ { "devid": 0, "be_alloc": true, "connectors": [ { "unique_id": "left", "width": 800, "height": 600 } ] } ],
	"vsnds": [ { "devid": 0, "short_name": "Main", "params": { "sample_rates": [ 8000 ] }, "pcms": [ { "name": "front",
	"streams": [ { "unique_id": "out", "type": "p", "params": { "sample_formats": [ "s16_le" ] } } ] } ] } ] }' \
	>/var/lib/xen/userdata-d.7.07070707-0707-0707-0707-070707070707.libxl-json

# fits CODE COMMAND...: its document fits the schema of the command
fits() {
	local rc want=$1
	shift
	fxl "$@" --json >"$work/out" 2>"$work/err"
	rc=$?
	[ $rc = "$want" ] || fail "xl $* --json: exit $rc: $(cat "$work/err")"
	python3 "$here/schema.py" "$top/docs/schema/xl.json" "$1" <"$work/out" >"$work/why" 2>&1 ||
		fail "xl $* --json: $(tail -3 "$work/why")"
	echo "$1" >>"$work/tried"
}
# field EXPRESSION: holds of the document
field() { python3 -c "import json, sys; j = json.load(sys.stdin); assert $1, j" <"$work/out" || fail "$1"; }

fits 0 list
field 'j[1] == {"domid": 7, "name": "guest", "uuid": "07070707-0707-0707-0707-070707070707", "type": "pv",
	"state": "-bp---", "run_state": "paused", "memory_kib": 131072, "claimed_kib": 0, "max_memory_kib": 132096,
	"vcpus": 1, "max_vcpus": 1, "cpu_seconds": 0.25, "cpupool": 0, "security_label": None}'
field '[d["run_state"] for d in j] == ["running", "paused", "crashed", "shutdown", "dying", "running"]'
field '[d.get("shutdown_reason") for d in j] == [None, None, "crash", "poweroff", "reboot", None]'
field 'j[4]["name"] is None'
fits 0 list -n guest
field 'len(j) == 1 and type(j[0]["node_affinity"]) is list'
fits 0 claims
fits 0 vm-list
field 'j[1] == {"uuid": "07070707-0707-0707-0707-070707070707", "domid": 7, "name": "guest"}'
fits 0 vcpu-list
field 'len(j) == 7'
fits 1 vcpu-list nosuch guest
field 'len(j) == 1 and j[0]["hard_affinity"] == "all"'
fits 0 info
field 'j["nr_cpus"] == 4 and j["total_memory_kib"] == 8 << 20 and j["virt_caps"] == ["pv"] and j["cpu_mhz"] == 2000'
fits 0 info -n
field 'j["numa_nodes"] == [{"node": 0, "memory_kib": 8 << 20, "free_kib": 6 << 20, "distances": [10]}]'
fits 0 sched-credit2
field 'j[0]["ratelimit_us"] == 1000 and len(j[0]["domains"]) == 6'
fits 0 sched-credit2 -s
field 'j[0]["domains"] == []'
fits 0 sched-credit2 -d guest
fits 0 cpupool-list
field 'j == [{"cpupool": "Pool-0", "cpupool_id": 0, "scheduler": "credit2", "cpus": [0, 1, 2, 3], "domains": 6}]'
fits 0 uptime Domain-0
fits 0 domid guest
field 'j == {"domid": 7, "name": "guest"}'
fits 0 domname 7
field 'j == {"domid": 7, "name": "guest"}'
fits 0 dmesg
field 'j == ["(XEN) caf\ufffd \"tab\t\"", "(XEN) caf\u00e9"]'
fits 0 block-list guest 9
field 'len(j) == 1 and j[0]["vdev"] == "xvda" and j[0]["state"] == "connected" and j[0]["ring_ref"] == 8'
fits 0 network-list guest
field 'len(j) == 1 and j[0]["mac"] == "00:16:3e:01:02:03" and j[0]["bridge"] == "xenbr0"'
fits 0 vkb-list guest
field '[(v["unique_id"], v["backend_type"], v["state"], v["ring_ref"]) for v in j] == [(None, "qemu", "connected", 21),
	("seat", "linux", "connected", None)]'
fits 0 vtpm-list guest
field 'j[0]["uuid"] == "11111111-2222-3333-4444-555555555555" and j[0]["backend_path"] == "/local/domain/0/backend/vtpm/7/0"'
fits 0 channel-list guest
field '[(c["devid"], c["name"], c["connection"], c["path"]) for c in j] == [(0, "agent", "pty", "/dev/pts/7"),
	(1, "log", "socket", "/run/log")]'
fits 0 vdispl-list guest
field 'j[0]["be_alloc"] and j[0]["connectors"] == [{"unique_id": "left", "width": 800, "height": 600,
	"request_event_channel": 5, "request_ring_ref": 6, "event_event_channel": 7, "event_ring_ref": None}]'
fits 0 vsnd-list guest
field 'j[0]["short_name"] == "Main" and j[0]["sample_rates"] == [8000] and j[0]["pcms"][0]["name"] == "front"'
field 'j[0]["pcms"][0]["streams"] == [{"unique_id": "out", "type": "p", "sample_rates": [], "sample_formats": ["s16_le"],
	"channels_min": 0, "channels_max": 0, "buffer_size": 0, "event_channel": 9, "ring_ref": 10}]'
fits 0 top
# Those with a name.
field 'len(j["domains"]) == 5 and 1 <= j["sample_seconds"] < 60'

fits 0 why
fits 0 why guest
field 'j["findings"][0]["kind"] == "paused"'

fits 0 sched-rtds
export FAKEXEN_RTDS=$work/rtds
fits 0 sched-rtds -v all
field 'len(j[0]["domains"]) == 7 and j[0]["domains"][0]["vcpu"] == 0'
fits 0 sched-rtds -d guest
field 'j == {"domid": 7, "name": "guest", "period_us": 10000, "budget_us": 4000, "extratime": True}'
fits 0 sched-rtds -d guest -v 0
field 'len(j) == 1'
unset FAKEXEN_RTDS

fits 0 sharing guest
field 'j == [{"domid": 7, "name": "guest", "memory_kib": 131072, "shared_kib": 0}]'
fits 253 psr-hwinfo
field 'j == {"cmt": {"enabled": False, "total_rmid": 0, "types": []}, "cat": [], "mba": []}'
export FAKEXEN_PSR=$work/psr
fits 0 psr-hwinfo
field 'j["cmt"]["total_rmid"] == 71 and [(c["level"], c["socket"]) for c in j["cat"]] == [(3, 0), (3, 1), (2, 0), (2, 1)]'
field 'j["cat"][0]["l3_cache_kib"] == 25600 and j["mba"][1] == {"socket": 1, "linear": True, "cos_max": 15, "throttling_max": 90}'
fits 0 psr-hwinfo -b
field 'list(j) == ["mba"]'
fits 0 psr-cat-show
field 'j[1]["socket"] == 1 and j[1]["domains"][1] == {"domid": 7, "name": "guest", "cbm": 0xfffff}'
FAKEXEN_PSR_HAS="l3 cdp" fits 0 psr-cat-show guest
field '"l3_cache_kib" not in j[0] and j[0]["domains"] == [{"domid": 7, "name": "guest", "code_cbm": 0xfffff, "data_cbm": 0xfffff}]'
fxl psr-mba-set -s 1 guest 37
fits 0 psr-mba-show guest
field '[s["domains"][0]["throttling"] for s in j] == [0, 30] and j[0]["default_throttling"] == 0'
fxl psr-cmt-attach guest
fits 0 psr-cmt-show cache-occupancy
field 'j["sockets"][0] == {"socket": 0, "l3_cache_kib": 25600} and j["domains"][0]["sockets"][1]["occupancy_kib"] == 8320'
fits 0 psr-cmt-show total-mem-bandwidth
field '[s["kib_per_second"] for s in j["domains"][0]["sockets"]] == [204800, 204800]'
unset FAKEXEN_PSR

# What xl prints for another scheduler nothing here runs; its schema is that of its twin.
echo sched-credit >>"$work/tried"
LD_PRELOAD=$work/fakexen.so "$build/xl/xentop" --json -d 0.1 -i 3 2>/dev/null | grep -c '^{' | grep -qx 3 ||
	fail "xentop --json -i 3 prints no three documents"
LD_PRELOAD=$work/fakexen.so "$build/xl/xentop" --json -d 0 >/dev/full 2>/dev/null && fail "xentop --json on a full disk"
fxl list --json >/dev/full 2>/dev/null && fail "xl list --json on a full disk"

for command in $(fxl help 2>/dev/null | sed 1,4d | awk '/^ [^ ]/ && !/\(not built\)/ { print $1 }'); do
	fxl help "$command" | grep -q -- '--json' || continue
	grep -qx "$command" "$work/tried" || fail "xl $command --json is not tried here"
	echo "$command" >>"$work/have"
done
sort -u "$work/tried" | comm -23 - <(sort "$work/have") | grep -q . && fail "help knows fewer --json than this test"
echo "$(wc -l <"$work/have") commands with --json, $failures failures"
[ "$failures" = 0 ]
