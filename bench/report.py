# SPDX-License-Identifier: GPL-2.0-only
"""Results of bench/run as text, and as one HTML page that needs nothing beside itself."""
import html as escape
import math
import re
import statistics

BAR, HEIGHT = 320, 18       # of a row's plot, in pixels: the original's length, a row
CURVE, DEPTH = 320, 130     # of a curve's plot
COLOURS = {"original": "#999", "ours": "#2a7"}
A_NUMBER = re.compile(r"(?<![\w.])(\d+)(?![\w.])")
NOTE = ("Instructions are not cycles: they say how much code runs, not how long it takes; nanoseconds are of machines whose "
        "clock goes on by one for each instruction. All figures are of machines that QEMU emulates.")


def value(row, side):
    return statistics.median(row[side])


def ratio(row):
    ours, original = value(row, "ours"), value(row, "original")
    return ours / original if original else math.inf if ours else 1


def meets(ratio_, target):
    return target is None or ratio_ <= target


def missed(row):
    """The target that a row misses: of the original's figure, or of its own; None: none."""
    if not meets(ratio(row), row["target"]):
        return row["target"]
    return None if meets(value(row, "ours"), row.get("most")) else number(row["most"])


def spread(row, side):
    """Half the distance between the quartiles; 0 for exact rows."""
    if len(row[side]) < 4:
        return 0
    low, _, high = statistics.quantiles(row[side], n=4)
    return (high - low) / 2


def columns(found):
    """What else was counted in these rows, in the order of the first that has it."""
    return list(dict.fromkeys(name for row in found for name in row.get("more", {}).get("ours", {})))


def both(row, name):
    """The original's and ours of one of these, as they stand in a cell."""
    sides = [row.get("more", {}).get(side, {}).get(name) for side in ("original", "ours")]
    return "" if None in sides else " / ".join(number(n) for n in sides)


def number(x):
    return f"{x:,.0f}" if x == int(x) or x >= 1000 else f"{x:.2f}"


def tables(document):
    """((group, its text, variant), rows, geometric mean)."""
    keys = {}
    for row in document["rows"]:
        keys.setdefault((row["group"], row["text"], row["variant"]), []).append(row)
    for key, found in keys.items():
        ratios = [ratio(r) for r in found if 0 < ratio(r) < math.inf]
        yield key, found, math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else math.nan


def text(document):
    out = [f"{document['ours']} beside {document['original']}, {document['measured']}, {document['emulator']}", NOTE, ""]
    for (group, what, variant), found, mean in tables(document):
        out.append(f"{group}: {what}" + (f" ({variant})" if variant else ""))
        out.append(f"  {'':44} {'original':>16} {'ours':>16}  ratio")
        for r in found:
            over = "" if missed(r) is None else f"  over its target, {missed(r)}"
            noise = "" if r["kind"] == "exact" else f"  ± {number(spread(r, 'original'))}, {number(spread(r, 'ours'))}"
            out.append(f"  {r['row'][:44]:44} {number(value(r, 'original')):>16} {number(value(r, 'ours')):>16}  "
                       f"{ratio(r):5.2f}{noise}{over}")
        target = found[0].get("mean_target")
        over = "" if meets(mean, target) else f"  over its target, {target}"
        out += [f"  {'geometric mean':44} {'':16} {'':16}  {mean:5.2f}{over}", ""]
    return "\n".join(out)


def bar(row):
    share = min(ratio(row), 1.5)
    target = f'<path d="M{row["target"] * BAR:.1f} 0V{HEIGHT}" stroke="#000"/>' if row["target"] is not None else ""
    colour = "#2a7" if missed(row) is None and ratio(row) <= 1 else "#d80" if ratio(row) <= 1 else "#c33"
    return (f'<svg width="{BAR * 3 // 2}" height="{HEIGHT}" role="img"><rect y="3" width="{BAR}" height="12" fill="#ddd"/>'
            f'<rect y="3" width="{share * BAR:.1f}" height="12" fill="{colour}"/>{target}</svg>')


def curves(document):
    """(group, row with N for what grows, unit) -> {N: row}, of rows that differ by one number, in their names or else in their variants'."""
    found = {}
    for row in document["rows"]:
        group = row.get("curve", row["group"])
        grows = next((what for what in (row["row"], row["variant"]) if A_NUMBER.search(what)), None)
        if grows is None:
            continue
        n, name = int(A_NUMBER.search(grows)[1]), A_NUMBER.sub("N", grows, 1)
        if grows is row["variant"]:
            name = f"{row['row']} ({name})"
        found.setdefault((group, name, row["unit"]), {}).setdefault(n, row)
    return {key: dict(sorted(points.items())) for key, points in found.items() if len(points) > 1}


def curve(points):
    """A plot of both sides, from nothing up, as wide as the largest N."""
    most_n, most = max(points), max(value(r, s) for r in points.values() for s in COLOURS) or 1
    out = [f'<svg class="curve" width="{CURVE + 90}" height="{DEPTH + 36}" role="img"><path d="M60 8V{DEPTH + 8}H{CURVE + 60}" fill="none" '
           f'stroke="#000"/><text x="56" y="18" text-anchor="end">{number(most)}</text><text x="56" y="{DEPTH + 8}" text-anchor="end">0</text>']
    for side, colour in COLOURS.items():
        at = [(60 + CURVE * n / most_n, DEPTH + 8 - DEPTH * value(r, side) / most, n, value(r, side)) for n, r in points.items()]
        out.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in at)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"><title>{side}, {n}: {number(v)}</title></circle>' for x, y, n, v in at]
    out += [f'<text x="{60 + CURVE * n / most_n:.1f}" y="{DEPTH + 24}" text-anchor="middle">{n}</text>' for n in points]
    return "".join(out) + "</svg>"


def html(document):
    out = ['<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Xenolith beside Xen</title><style>'
           "body{font:14px sans-serif;margin:2em}td,th{padding:1px 10px;text-align:right}td:first-child{text-align:left}"
           "figure{display:inline-block;margin:1em}.curve text{font-size:11px}table{border-collapse:collapse}tr:hover{background:#f4f4f4}</style>",
           f"<h1>{escape.escape(document['ours'])} beside {escape.escape(document['original'])}</h1>",
           f"<p>{escape.escape(document['measured'])}, {escape.escape(document['emulator'])}. {NOTE} Grey is the original, "
           "the line the target; green rows meet it. Columns behind the bars are of the original / ours.</p>"]
    for (group, what, variant), found, mean in tables(document):
        names = columns(found)
        out.append(f"<h2>{escape.escape(group)}: {escape.escape(what)}</h2><p>{escape.escape(variant)} "
                   f"Geometric mean {mean:.2f}.</p><table><tr><th><th>original<th>ours<th>unit<th>ratio<th>" +
                   "".join(f"<th>{escape.escape(name)}" for name in names))
        for r in found:
            cells = [number(value(r, s)) + (f" ± {number(spread(r, s))}" if spread(r, s) else "") for s in ("original", "ours")]
            out.append(f"<tr><td>{escape.escape(r['row'])}<td>{cells[0]}<td>{cells[1]}<td>{r['unit']}<td>{ratio(r):.2f}"
                       f"<td>{bar(r)}" + "".join(f"<td>{both(r, name)}" for name in names))
        out.append("</table>")
    growing = curves(document)
    if growing:
        out.append("<h2>Rows that grow</h2><p>By N, from 0 up; grey is the original, green ours.</p>")
        out += [f"<figure><figcaption>{escape.escape(f'{group}: {name}, {unit}')}</figcaption>{curve(points)}</figure>"
                for (group, name, unit), points in growing.items()]
    return "\n".join(out) + "\n"
