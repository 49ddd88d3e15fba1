#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bench/: what the counter counts, on instructions that are made up; how results are read, told and compared.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; exit 1; }

cc=${CC:-gcc}
# shellcheck disable=SC2086
$cc -shared -fPIC -O2 -Wall -Wextra -Wshadow -fvisibility=hidden -o "$work/counter.so" "$top/bench/counter.c"
# shellcheck disable=SC2086
$cc -O2 -Wall -Wextra -Wshadow -fvisibility=hidden -rdynamic -o "$work/counter" "$top/tests/blackbox/bench_counter.c" -ldl
"$work/counter" "$work/counter.so" "out=$work/counts" "profile=$work/profile" || fail "the counter does not start"
# Instructions, accesses, flushes, serializing ones: of the hypervisor, of kernels, of programs with the first mark.
[ "$(cat "$work/counts")" = "10 7 4 9 2 2 0 0 2 1 0 0" ] || fail "counted: $(cat "$work/counts")"
[ "$(awk '{ n += $2 } END { print n }' "$work/profile.0")" = 14 ] || fail "the profile's sum is not what was counted"
"$work/counter" "$work/counter.so" what=ever 2>/dev/null && fail "an option that does not exist passes"

python3 - "$top/bench" "$work" <<'E2'
import html.parser
import json
import re
import sys

bench, work = sys.argv[1:]
sys.path[:0] = [bench, f"{bench}/../tests/lib"]
import counted
import report


def row(name, kind, original, ours, target=0.5):
    return {"group": "g", "text": "a <group>", "row": name, "variant": "v", "kind": kind, "unit": "instructions",
            "target": target, "original": original, "ours": ours}


document = {"measured": "now", "emulator": "QEMU", "host": "h", "ours": "Xenolith", "original": "Xen",
            "rows": [row("half", "exact", [200], [100]), row("more", "exact", [100], [121]),
                     row("noisy", "wall", [1.0, 1.2, 1.1, 1.3, 1.2], [0.30, 0.32, 0.31, 0.33, 0.30])]}
assert report.ratio(document["rows"][0]) == 0.5
text = report.text(document)
lines = [line for line in text.splitlines() if "over its target" in line]
assert len(lines) == 1 and lines[0].split()[:4] == ["more", "100", "121", "1.21"], lines
mean = next(line for line in text.splitlines() if "geometric mean" in line)
assert abs(float(mean.split()[-1]) - (0.5 * 1.21 * 0.31 / 1.2) ** (1 / 3)) < 0.01, mean


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.rects, self.outside, self.text = 0, [], ""

    def handle_starttag(self, tag, attrs):
        self.rects += tag == "rect"
        self.outside += [v for k, v in attrs if k in ("src", "href")]

    def handle_data(self, data):
        self.text += data


page = Page()
page.feed(report.html(document))
assert page.rects == 6 and not page.outside and "a <group>" in page.text, (page.rects, page.outside)
document["rows"][0]["more"] = {"ours": {"flushes": 2}, "original": {"flushes": 1234}}
page = Page()
page.feed(report.html(document))
assert "flushes" in page.text and "1,234 / 2" in page.text, page.text

grown = [{**row(f"list, {n} guests", "exact", [100 * n], [50]), "curve": "create"} for n in (60, 1)]
grown += [{**row("save", "exact", [n], [n]), "variant": f"{n} MiB"} for n in (128, 256)] + [row("of 64", "exact", [1], [1])]
assert {k: list(v) for k, v in report.curves({"rows": grown}).items()} == \
    {("create", "list, N guests", "instructions"): [1, 60], ("g", "save (N MiB)", "instructions"): [128, 256]}, grown
page = Page()
page.feed(report.html({**document, "rows": grown}))
assert "list, N guests" in page.text and "original, 60: 6,000" in page.text and "Rows that grow" in page.text, page.text

import functions
from symbols import Symbols

with open(f"{work}/map", "w") as f:
    f.write("ffff808000000000 T entry\nffff808000000100 t deep\nffffffff81000000 T of_linux\n")
with open(f"{work}/p.0", "w") as f:
    f.write("401000 7\nffff808000000000 10\nffff808000000004 10\nffff808000000104 3\nffffffff81000010 4\nffffffff82000000 1\n")
assert functions.read(f"{work}/p.0", Symbols(f"{work}/map"), 2) == {
    ("program", "?"): 3.5, ("hypervisor", "entry"): 10, ("hypervisor", "deep"): 1.5, ("kernel", "of_linux"): 2, ("kernel", "?"): 0.5}

with open(f"{work}/m.counts", "w") as f:
    f.write("100 1 1 1 20 2 2 2 3 3 3 3\n50 0 0 0 0 0 0 0 0 0 0 0\n")
counts, figures = counted.results("m", f"{work}/m", "x\r\nCOUNTED a row / 10\nFIGURE memory = -5 bytes\nCOUNTED b, c\n")
assert counts["a row"].hypervisor["instructions"] == 10 and counts["a row"].all() == 12.3, counts
assert counts["b, c"].all() == 50 and figures == {"memory": (-5, "bytes")}, (counts, figures)
_, figures = counted.results("m", f"{work}/none", "COUNTED a row\nFIGURE time, a row = 7 ns\n", None)
assert figures == {"time, a row": (7, "ns")}, figures
for text in "COUNTED one\n", "COUNTED a\nCOUNTED b\nBENCH-ERROR xl ended\n":
    try:
        counted.results("m", f"{work}/m", text)
    except RuntimeError:
        continue
    raise AssertionError(text)

import devices

# 10 rounds took 1,000 and 20 took 1,900, but two of the ten more were lost.
once, twice = (counted.Count(*({what: n * who for what in counted.WHAT} for who in (1, 2, 3))) for n in (10, 18))
got = devices.one_more({"x once": once, "x twice": twice},
                    {"time, x once / 10": (1000, "ns"), "time, x twice / 10": (1900, "ns"), "lost, x once": (1, "packets"),
                     "lost, x twice": (3, "packets")})
assert got["x: time"].value == 112.5 and got["x: hypervisor"].value == 10, got
assert got["x: time"].more["kernel"] == 20 and got["x: time"].more["accesses"] == 60, got

import neighbours

# Who is due: a third beside two as greedy; what is left beside one who wants little; half of that beside two.
assert neighbours.due(900, [400, 400]) == 300 and neighbours.due(900, [100]) == 800 and neighbours.due(900, [100, 500]) == 400
counted_shares = "".join(f"FIGURE {what}, {beside} = {n} ns\n" for beside, figures in {
    "alone": {"time": 1000, "turns": 900, "worker 1": 900, "other 0": 1},
    "disk": {"time": 1000, "turns": 324, "other 0": 200, "worker 1": 360, "other 2": 600},
    "calls": {"time": 1000, "turns": 500, "other 0": 0, "worker 1": 500, "other 2": 500}}.items() for what, n in figures.items())
got = neighbours.losses(counted.results("m", f"{work}/m", counted_shares, None)[1])
assert [f.value for f in got.values()] == [1000, 1000, 0, 0], got
assert got["CPU time lost beside a storm of calls"].more["others"] == 500, got
try:
    neighbours.losses({"time, alone": (9, ""), "turns, alone": (9, ""), "worker 1, alone": (9, ""), "time, disk": (9, ""),
                       "turns, disk": (9, ""), "worker 1, disk": (8, ""), "other 0, disk": (1, "")})
except RuntimeError:
    pass
else:
    raise AssertionError("what is no storm passes for one")

import papers

told = "FIGURE time, build = {} ns\nFIGURE time, files = 7 ns\nFIGURE files, a megabyte = {} ns\nFIGURE time, web = 900 ns\nFIGURE requests, web = {} requests\nFIGURE time, database / 10 = {} ns\n"
guest, native = (counted.results("m", f"{work}/m", told.format(*n), None)[1] for n in ((30, 50, 3, 60), (20, 40, 9, 40)))
assert papers.costs(guest) == {"build": 30, "files": 50, "web": 300, "database": 6}, papers.costs(guest)
assert [f.value for f in papers.over_native(guest, native).values()] == [1.5, 1.25, 3, 1.5]
told = "".join(f"FIGURE database, {what}, {n} = {v} answers\n" for what, n, v in
               (("1", 1, 500), ("3", 1, 100), ("3", 2, 150), ("3", 3, 150), ("weighted", 1, 100), ("weighted", 2, 200), ("weighted", 3, 100)))
got = papers.served("database", 2, counted.results("m", f"{work}/m", told, None)[1])
assert [f.value for f in got.values()] == [4e6, 5e6, 5e6, 2500], got
import ceilings
import wall
from platforms import Figure


class Side:
    """A machine that takes 1,000 ns for a round, but for one that tells what it has measured."""
    def __init__(self, name, said):
        self.name, self.said, self.doing = name, said, ""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def send(self, line):
        self.said.append(f"{self.name}: {line.strip()}")
        self.doing = line.split()[0]

    def expect(self, pattern, _seconds):
        if "ENDS" in pattern:
            clock[0] += 1000
        text = {"cyclictest": "ROUND-ENDS 7000\n", "watch": "BENCH-ERROR watch\n"}.get(self.doing, "ROUND-ENDS \n")
        return re.search(pattern.encode(), text.encode(), re.M) if "ENDS" in pattern else None

    def wait_exit(self):
        pass


said, clock = [], [0]
wall.time.monotonic_ns = lambda: clock[0]
wall.machine = lambda _context, platform, _scenario: Side(platform.name, said)
sides = [Side("ours", said), Side("original", said)]
got = wall.wall(None, sides, "programs")
cpu, cyclictest = (got["ours"][wall.PROGRAMS[what][0]].value for what in ("cpu", "cyclictest"))
assert cpu == [1000 / wall.PROGRAMS["cpu"][1]] * wall.ROUNDS and cyclictest == [7000] * wall.ROUNDS, got
assert [s.split(":")[0] for s in said if " cpu " in s][:4] == ["original", "ours", "ours", "original"], said
assert said[-2:] == ["ours: end", "original: end"], said
try:
    wall.wall(None, sides, "store 60")
except RuntimeError as e:
    assert "BENCH-ERROR watch" in str(e), e
else:
    raise AssertionError("an error passes for a figure")
assert " ± 0.10, 0.01" in report.text(document), report.text(document)

ceilings.PATH = f"{work}/ceilings"
figures = {("g", "v"): {"a": Figure(9, more={"hypervisor": 100, "kernel": 7, "user": 20}), "b": Figure(5, "bytes")}}
with open(ceilings.PATH, "w") as f:
    f.write("# head\ng\tv\tgone\t1\nother\tv\ta\t1\ng\tv\ta\t119\n")
assert ceilings.check(figures) == 1 and ceilings.lower(figures) == 0
with open(ceilings.PATH) as f:
    assert f.read() == "# head\ng\tv\ta\t119\ng\tv\tb\t5\nother\tv\ta\t1\n"
assert ceilings.check(figures) == 1 and ceilings.check(figures, whole=False) == 0
figures["g", "v"]["b"].value = 6
assert ceilings.check(figures, whole=False) == 1 and ceilings.lower(figures) == 1 and ceilings.check(figures, whole=False) == 1
with open(ceilings.PATH, "w") as f:
    f.write("save\tv\ttools' memory\t1000000\n")
for most, verdict in (1000000 + 64 * 4096, 0), (1000001 + 64 * 4096, 1):
    assert ceilings.check({("save", "v"): {"tools' memory": Figure(most, "bytes")}}) == verdict

import rows

numbers = (int, float, type(None))
for g in rows.GROUPS:
    kinds = (g.target, numbers), (g.mean, numbers), (g.most, numbers), (g.targets, dict), (g.variants, list), (g.curve, str)
    assert all(isinstance(field, kind) for field, kind in kinds) and not (g.curve and g.curve == g.name), g

zero, some = row("z", "exact", [0], [0], 1), row("s", "exact", [0], [1], 1)
assert report.missed(zero) is None and report.missed(some) == 1
assert report.missed({**some, "target": None, "most": 400}) is None
assert report.missed({**some, "target": None, "ours": [401], "most": 400}) == "400"
del document["rows"][0]["more"]
with open(f"{work}/old.json", "w") as f:
    json.dump(document, f)
document["rows"][0]["ours"] = [99]
document["rows"][2]["ours"] = [0.31, 0.32, 0.33, 0.30, 0.31]
with open(f"{work}/better.json", "w") as f:
    json.dump(document, f)
document["rows"][1]["ours"] = [122]
document["rows"][2]["ours"] = [0.51, 0.52, 0.53, 0.50, 0.51]
with open(f"{work}/worse.json", "w") as f:
    json.dump(document, f)
E2

# Scenarios with guests, in a Domain 0 that is pretended: what they say is what the rows are made of.
root=$work/root
mkdir -p "$root"/{bin,bench,tmp,mnt/run,room,proc,dev} "$root/var/log/xen/console"
cp /bin/busybox "$root/bin/"
cp -r "$top"/bench/inside/* "$root/bench/"
cat >"$root/pretend" <<'E2'
/bin/busybox --install -s /bin
export PATH=/bin
for f in modprobe ip ifconfig losetup truncate mount sleep; do eval "$f() { :; }"; done
fail() { echo "BENCH-ERROR $*"; exit 1; }
figure() { echo "FIGURE $1 = $2 $3"; }
xl() {
	local name
	echo "$*" >>/said
	case $1 in
	create)
		name=$(echo "$*" | sed 's/.* name="\([^"]*\)".*/\1/')
		printf 'NEIGHBOUR-BEGINS\nSERVES\nCOUNTED build\nFIGURE time, build = 5 ns\nBENCH-END\n' >"/var/log/xen/console/guest-$name.log" ;;
	domid) echo 7 ;;
	esac
}
shares() {
	[ "$1 $2" = "7 100" ] || fail "$*"
	for f in "time, $3 = 900" "turns, $3 = 300" "worker 7, $3 = 300" "other 0, $3 = 300" "other 9, $3 = 300"; do echo "FIGURE $f ns"; done
}
nc() {
	case $1 in
	*.11) printf '10.5 9\n11.5 100\n12.5 200\n' ;;
	*.12) printf '11.0 9\n12.0 100\n13.0 100\n' ;;
	*) echo 1 ;;
	esac
}
stty() { :; }
chroot() { echo "  500 requests in 3.00s"; }
scenario=$1
shift
sed -i 's/until \[ -b "$d" \]/until true/' /bench/guest-debian
. "/bench/$scenario"
exit 0
E2
scenario() {
	rm -f "$root/said"
	chroot "$root" /bin/busybox sh /pretend "$@" >"$work/scenario.log" 2>&1 || fail "$*: $(cat "$work/scenario.log")"
}
from_scenario() {
	python3 - "$top/bench" "$work/scenario.log" "$1" <<'E2' || fail "$1 of: $(cat "$work/scenario.log")"
import sys

sys.path.insert(0, sys.argv[1])
import counted
import neighbours
import papers

with open(sys.argv[2]) as f:
    _, figures = counted.results("m", "none", f.read(), None)
assert eval(sys.argv[3]), figures
E2
}
scenario neighbours 100 forks disk
from_scenario '[f.value for f in neighbours.losses(figures).values()] == [0, 0, 0, 0]'
[ "$(grep -c '^create' "$root/said")$(grep -c '^destroy' "$root/said")" = 32 ] || fail "$(cat "$root/said")"
scenario papers 512 build web=1
from_scenario 'papers.costs(figures) == {"build": 5}'
grep -q 'memory=512 .*bench.args=build+web=1"$' "$root/said" || fail "$(cat "$root/said")"
scenario servers web 3 1 2
from_scenario '[f.value for f in papers.served("web", 3, figures).values()] == [6e6, 3e6]'
printf 'fork 3\nend\n' >"$work/lines"
scenario wall programs <"$work/lines"
[ "$(tail -n 2 "$work/scenario.log" | tr '\n' ' ')" = "BENCH-READY 1 " ] || fail "$(cat "$work/scenario.log")"
scenario servers database 3 1 2 weighted
from_scenario '[f.value for f in papers.served("database", 1000, figures).values()] == [6666667, 3749995, 3749995, 2917]'
grep -q 'sched-credit2 -d database2 -w 128' "$root/said" || fail "$(cat "$root/said")"

out=$("$top/bench/compare" "$work/old.json" "$work/old.json") || fail "the same is not the same: $out"
[ -z "$out" ] || fail "the same changed: $out"
out=$("$top/bench/compare" "$work/old.json" "$work/better.json") || fail "better is worse: $out"
[ "$out" = "better: g / v / half: 100 -> 99 instructions (-1.0%)" ] || fail "one row became better: $out"
out=$("$top/bench/compare" "$work/old.json" "$work/worse.json") && fail "worse passes: $out"
[ "$(grep -c ^worse: <<<"$out")" = 2 ] || fail "two rows became worse: $out"
"$top/bench/run" --list | grep '^calls  *hyper' >/dev/null || fail "bench/run --list lists no calls"
"$top/bench/run" --only 2>/dev/null && fail "an option without its value passes"
echo ok
