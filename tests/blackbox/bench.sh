#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bench/: how results are told and compared, on results that were made up.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; exit 1; }

python3 - "$top/bench" "$work" <<'E2'
import html.parser
import json
import sys

bench, work = sys.argv[1:]
sys.path.insert(0, bench)
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

out=$("$top/bench/compare" "$work/old.json" "$work/old.json") || fail "the same is not the same: $out"
[ -z "$out" ] || fail "the same changed: $out"
out=$("$top/bench/compare" "$work/old.json" "$work/better.json") || fail "better is worse: $out"
[ "$out" = "better: g / v / half: 100 -> 99 instructions (-1.0%)" ] || fail "one row became better: $out"
out=$("$top/bench/compare" "$work/old.json" "$work/worse.json") && fail "worse passes: $out"
[ "$(grep -c ^worse: <<<"$out")" = 2 ] || fail "two rows became worse: $out"
"$top/bench/run" --list | grep -q '^calls  *hyper' || fail "bench/run --list lists no calls"
"$top/bench/run" --only 2>/dev/null && fail "an option without its value passes"
echo ok
