#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command line of xl: exit codes, where faults are reported, overrides, help and completion.
. "$(dirname "$0")/lib.sh"

# config CODE PATTERN TEXT: the same for a configuration
config() {
	printf '%s\n' 'name="a"' 'kernel="k"' >"$work/c.cfg"
	printf '%b\n' "$3" >>"$work/c.cfg"
	expect "$1" "$2" create -n "$work/c.cfg"
}

# commands and global options
expect 1 "xl full list of subcommands" 
expect 1 "command not implemented: .nosuch." nosuch
expect 1 "did you mean .list." lsit
expect 1 "unknown global option" -Z list
for command in migrate migrate-receive remus; do
	expect 1 "^xl: .$command. is not built into this xl: live migration is not in this release: .* restore it" $command guest x
	expect 15 "not built" -E $command guest x
	expect 0 "^Usage: xl .* $command" help $command
done
for command in pci-attach pci-detach pci-list pci-assignable-add pci-assignable-remove pci-assignable-list; do
	expect 1 "^xl: .$command. is not built into this xl: PCI devices cannot be given to guests" $command guest 0:1.0
done
for command in usbctrl-attach usbctrl-detach usbdev-attach usbdev-detach usb-list; do
	expect 1 "^xl: .$command. is not built into this xl: USB devices cannot be given to guests" $command guest
done
[ "$(fxl help | grep -c '(not built)')" = 14 ] || fail "not built is: $(fxl help | grep '(not built)')"
expect 1 "disk xvda: only HVM guests have drives whose CD can be changed: detach the disk" cd-insert guest xvda /dev/null
expect 1 "disk xvda: only HVM guests" cd-eject guest xvda
expect 1 "the image /nonexistent cannot be read: No such file" cd-insert guest xvda /nonexistent
expect 0 "guest. is a PV guest and has no ACPI buttons; use .xl shutdown." button-press guest power
expect 1 "there is no button .nmi.; they are power and sleep" button-press guest nmi
expect 1 "has no dry run" -N list
expect 0 "xl full list of subcommands" help
expect 0 "^Usage: xl .* create <ConfigFile>" help create
expect 0 "^Usage: xl .* create <ConfigFile>" create -h
expect 0 "^Usage: xl .* list" list --help
expect 0 "there is no command" help nosuch
expect 0 "has no ACPI buttons" trigger guest power
expect 2 "option .Q. not supported" list -Q
expect 2 "option .--nosuch. not supported" list --nosuch
expect 2 "requires at least 1 argument" domid
expect 2 "needs a value" create -f
expect 1 "Can't get domid of domain name 'foo'" domid foo
expect 1 "Can't get domain name of domain id '5'" domname 5
expect 1 "a domain id must be a number" domname x
expect 1 "foo is an invalid domain identifier" pause foo
expect 1 "invalid memory size: 12q" mem-set 5 12q
expect 1 "either -a or a domain id" shutdown
expect 1 "not destroying domain 0" destroy 0
expect 1 "is no saved domain" restore /etc/passwd
expect 1 "Can't open restore file" restore /nonexistent
expect 1 "Specifying a cpupool is not allowed" sched-credit2 -p x -d y
expect 6 "Config file not specified" create
expect 3 "Failed to read config file" create /nonexistent.cfg

# CPU pools; where FAKEXEN_FREE says so CPUs 2 and 3 are in none
pool() { local code=$1 pattern=$2; shift 2; FAKEXEN_CAPABLE=1 FAKEXEN_FREE=12 expect "$code" "$pattern" "$@"; }
quiet()
{
	FAKEXEN_CAPABLE=1 FAKEXEN_FREE=12 fxl "$@" >"$work/out" 2>&1 </dev/null && [ ! -s "$work/out" ] ||
		fail "xl $*: exit $?, $(head -3 "$work/out")"
}
pool 1 "needs a name" cpupool-create
pool 1 "there is a CPU pool .Pool-0. already" cpupool-create 'name="Pool-0"'
pool 1 "unknown scheduler .quick." cpupool-create 'name="a"' 'sched="quick"'
pool 1 'it has no scheduler "credit"; leave sched= out' cpupool-create 'name="a"' 'sched="credit"'
pool 1 "CPU 1 is not free: take it out of its pool first" cpupool-create 'name="a"' 'cpus="1-2"'
pool 1 "CPU pool .a.: cpus: " cpupool-create 'name="a"' 'cpus="x"'
pool 1 "is no setting" cpupool-create 'name="a"' 'cpus=='
FAKEXEN_CAPABLE=1 expect 1 "no CPU is free" cpupool-create 'name="a"'
pool 0 "number of cpus: 1" cpupool-create 'name="a"'
pool 0 "number of cpus: 2" cpupool-create -n 'name="a"' 'cpus=["2", "3"]'
pool 1 "CPU 0 is not free" cpupool-create 'name="a"' 'nodes="0"'
printf 'name="b"\ncpus="2-3"\n' >"$work/pool.cfg"
pool 0 "cpupool name:   b" cpupool-create "$work/pool.cfg"
pool 0 "cpupool name:   c" cpupool-create -f "$work/pool.cfg" 'name="c"'
pool 1 "could not be read" cpupool-create "$work/nosuch.cfg"
quiet cpupool-cpu-add Pool-0 2
pool 1 "CPU pool 0: CPU 1 is not free" cpupool-cpu-add Pool-0 1-3
pool 1 "unknown cpupool .x." cpupool-cpu-add x 1
quiet cpupool-cpu-remove Pool-0 1
pool 1 "CPU 3 is not one of its" cpupool-cpu-remove Pool-0 3
pool 1 "CPU 1 is the last one of a pool that has domains" cpupool-cpu-remove Pool-0 0-1
pool 1 "Domain 0 stays where it is" cpupool-migrate 0 Pool-0
pool 1 "unknown cpupool .x." cpupool-migrate 0 x
pool 1 "is the first one: it cannot be destroyed" cpupool-destroy Pool-0
quiet cpupool-rename Pool-0 first
quiet cpupool-numa-split

# the RTDS scheduler, as 4.17 prints it
rtds() { FAKEXEN_CAPABLE=1 FAKEXEN_RTDS=$work/rtds expect "$@"; }
rtds 0 "^Cpupool Pool-0: sched=RTDS" sched-rtds
rtds 0 "^Name                                ID    Period    Budget  Extratime$" sched-rtds
rtds 0 "^guest                                7     10000      4000        yes$" sched-rtds -d guest
FAKEXEN_CAPABLE=1 FAKEXEN_RTDS=$work/rtds fxl sched-rtds -d guest -v all -p 300 -b=150 -e 0 || fail "sched-rtds does not set"
rtds 0 "^Name                                ID VCPU    Period    Budget  Extratime$" sched-rtds -d guest -v 0
rtds 0 "^guest                                7    0       300       150         no$" sched-rtds -d guest -v 0
rtds 1 "it has no vCPU 9, only 0 to" sched-rtds -d guest -v 9
rtds 1 "a budget of 301 us in each period of 300 us" sched-rtds -d guest -v 0 -b 301
rtds 1 "belongs to the -v before it" sched-rtds -d guest -p 300
rtds 1 "for all vCPUs, and stands alone" sched-rtds -d guest -v 0 -v all
rtds 1 "Must specify a domain" sched-rtds -v 0
rtds 1 "Must specify a domain" sched-rtds -v all -p 5
rtds 1 "Specifying a cpupool is not allowed" sched-rtds -d guest -c Pool-0
rtds 1 "unknown cpupool" sched-rtds -c nosuch
FAKEXEN_CAPABLE=1 expect 1 "only rtds has them" sched-rtds -d guest -v 0
FAKEXEN_CAPABLE=1 expect 1 "another scheduler" sched-rtds -d guest

# places and suggestions
config 0 'c.cfg:3:3: warning: unknown key `memroy'"'; did you mean .memory'?" '  memroy=5'
config 0 "c.cfg:3:6: warning: .boot' has no effect on this type of guest" 'boot="c"'
config 0 "c.cfg:3:.*older toolstack" 'nfs_server="x"'
config 1 "c.cfg:3:8: .memory' must be a number, not \"1G\"" 'memory="1G"'
config 1 "c.cfg:4:6: .disk' must be a list, as in disk=\['x'\]" '\ndisk="x"'
config 1 "c.cfg:3:7: disk \"x\": no virtual device" 'disk=["x"]'
config 0 "c.cfg:3:14: warning: .vif' entry \"brige=x\": unknown setting .brige'; did you mean .bridge'" 'vif=["",     "brige=x"]'
config 1 "c.cfg:3:6: .vif' entry \"mac=zz\": .mac' must be an address" 'vif=["mac=zz"]'
config 1 "c.cfg:3:10: .on_crash' is \"x\"; the actions are destroy" 'on_crash="x"'
config 1 "is 4, more than maxvcpus=2" 'vcpus=4\nmaxvcpus=2'
config 1 "less than memory=" 'memory=64\nmaxmem=32'
config 1 "c.cfg:3:6: .cpus' has \"9\": this leaves no CPU of this host" 'cpus="9"'
config 1 "range runs backwards" 'cpus="3-1"'
config 1 "the types of guest are" 'type="foo"'
config 1 "c.cfg:3:3: a value in quotes" 'x=foo'
config 1 "write it as" 'uuid="bad"'
config 1 "c.cfg:3:10: a line ends as in DOS files; sed" 'extra="r"\r'
printf 'memory=5\n' >"$work/c.cfg"
expect 1 "c.cfg: there is no name=" create -n "$work/c.cfg"
printf 'name="a"\n' >"$work/c.cfg"
expect 1 "c.cfg: there is neither kernel= nor bootloader=" create -n "$work/c.cfg"
printf 'name="a"\nkernel="k"\nfoo=1\n' >"$work/c.cfg"
expect 1 "unknown key" create --strict -n "$work/c.cfg"

# overrides and options in any order
expect 0 '"name": "z"' create -n "$work/c.cfg" 'name="z"'
expect 0 '"name": "z"' create 'name="z"' "$work/c.cfg" -n
expect 0 '"max_memkb": 65536' create -f "$work/c.cfg" -n 'memory=64;vcpus=2'
expect 0 '"max_vcpus": 2' -N create "$work/c.cfg" 'memory=64;vcpus=2'
expect 1 "command line:1:1: .*unknown key .nmae'; did you mean .name'" create --strict -n "$work/c.cfg" 'nmae="z"'
expect 0 '"name": "q"' create -n 'name="q"' 'kernel="k"'
expect 2 "there are two config files" create -n "$work/c.cfg" "$work/c.cfg"
[ "$(fxl create -q -n "$work/c.cfg" 2>&1 >/dev/null)" = "" ] || fail "create -q says something"
expect 0 '"vdev": "xvdb"' -N block-attach 1 phy:/dev/x,xvdb,w
expect 0 '"bridge": "br0"' -N network-attach 1 bridge=br0
expect 1 "unknown setting .brdge'; did you mean .bridge'" network-attach 1 brdge=br0

# xl.conf
printf 'vif.default.bridge="br7"\nlockfle="x"\n' >"$work/xl.conf"
export XL_CONF=$work/xl.conf
expect 0 '"bridge": "br7"' create -n "$work/c.cfg" "vif=['']"
expect 0 "xl.conf:2:1: warning: unknown key .lockfle'; did you mean .lockfile'" create -n "$work/c.cfg"
printf 'autoballoon="maybe"\n' >"$work/xl.conf"
expect 1 "xl.conf:1:1: .autoballoon' has a value that does not fit" create -n "$work/c.cfg"
export XL_CONF=$work/none.conf

# info: "key : value" lines with the keys that scripts read
fxl info >"$work/out" 2>/dev/null
for key in host release version machine nr_cpus nr_nodes cores_per_socket threads_per_core cpu_mhz hw_caps \
	virt_caps total_memory free_memory outstanding_claims xen_major xen_minor xen_version xen_caps \
	xen_scheduler xen_pagesize xen_commandline xend_config_format; do
	grep -q "^$key *: " "$work/out" || fail "info has no $key"
done
grep -qv '^.\{23\}: ' "$work/out" && fail "info has a line of another shape"

# help is what the completion of Debian 12 reads: names from the fifth line on
fxl help 2>/dev/null | sed '1,4d' | awk '/^ [^ ]/ {print $1}' >"$work/names"
[ "$(head -1 "$work/names")" = create ] || fail "help: the list does not begin at the fifth line"
[ "$(sort "$work/names" | uniq -d)" = "" ] || fail "help: a name twice"
lacking=$(sort "$work/names" | join -v 1 <(sort "$here/names.txt") -)
[ -z "$lacking" ] || fail "help has not what 4.17 has:" $lacking

# no Xen at all
if [ ! -e /proc/xen/capabilities ]; then
	"$XL" list >"$work/out" 2>&1 && fail "xl list works without Xen"
	grep -q "xl: cannot reach the hypervisor: this machine does not run under Xen" "$work/out" ||
		fail "without Xen: $(cat "$work/out")"
	"$XL" help >/dev/null || fail "xl help needs Xen"
fi

# a full disk is a failure
fxl help create >/dev/full 2>/dev/null && fail "xl help on a full disk"
fxl info >/dev/full 2>/dev/null && fail "xl info on a full disk"

echo "$failures failures"
[ "$failures" = 0 ]
