#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What holds for every file: the licence of its folder in an SPDX line at its head, no name of a machine's folders or of
# a package archive. Every program has a manual page, which is well-formed and has every option of the program.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 1
git rev-parse >/dev/null 2>&1 || { echo "needs the git checkout, whose list of files it goes through"; exit 77; }
bad=0
wrong() { echo "$*"; bad=$((bad + 1)); }

licence_of() {
	case $1 in
	examples/xen/*) echo GPL-2.0-only ;;
	hypervisor/include/public/*|examples/*) echo MIT ;;
	libxl/*|bindings/*) echo LGPL-2.1-only ;;
	*) echo GPL-2.0-only ;;
	esac
}

# Data that has no comments, or that a test compares byte by byte.
is_data() {
	case $1 in
	COPYING|LICENSES/*|debian/changelog|debian/copyright|debian/source/format|tests/*.txt|tests/*.store|tests/*.json|tests/*.refused|tests/*.in|tests/*.out|tests/*/corpus/*.cfg) return 0 ;;
	esac
	return 1
}

files=0
while read -r f; do
	{ [ -L "$f" ] || [ ! -e "$f" ]; } && continue
	files=$((files + 1))
	is_data "$f" && continue
	want=$(licence_of "$f")
	[ "$(head -3 "$f" | grep -o 'SPDX-License-Identifier: [^ ]*')" = "SPDX-License-Identifier: $want" ] ||
		wrong "$f: no SPDX line, or not $want"
done < <(git ls-files --cached --others --exclude-standard)

# In brackets, so that this line is not found.
names='/wor[k]/|\.\./share[d]|deb\.debia[n]|snapshot\.debia[n]|pyp[i]\.org|npm[j]s|crates\.i[o]|proxy\.golan[g]'
git grep -nIE "$names" && wrong "these lines name a folder of some machine, or a package archive"

page_text() { sed 's/\\-/-/g' "docs/man/$1"; }
# options SOURCE PAGE: the long options of a getopt table.
options() {
	grep -oE '\{ "[a-z-]+", (no|required|optional)_argument' "$1" | cut -d'"' -f2 |
		while read -r o; do
			page_text "$2" | grep -qE -- "(^|[ -])-?$o( |$)" || echo "docs/man/$2 lacks --$o of $1"
		done
}
options_of=$(options xenstored/options.c xenstored.8; options xenconsoled/options.c xenconsoled.8
	options xenconsoled/client/xenconsole.c xenconsole.1; options xenstored/client/xenstore.c xenstore.1
	options xl/top/main.c xentop.1; options xl/autostart/main.c xendomains.8)
[ -z "$options_of" ] || wrong "$options_of"

for c in $(sed -n 's/^\t{ "\([a-z-]*\)", ".*", run_.*/\1/p' xenstored/client/control.c); do
	grep -qE "^[.]It Cm $c( |$)" docs/man/xenstore-control.1 || wrong "xenstore-control(1) lacks $c"
done

# The hypervisor's options and those that its page has, both ways.
known=$(grep -rhoP 'CMDLINE_PARAM\("\K[^"]+' hypervisor | sort -u)
told=$(grep '^\.It Ic' docs/man/xenolith.8 | grep -oP 'Ic \K[^ ]+' | sort -u)
for o in $known; do grep -qxF -- "$o" <<< "$told" || wrong "docs/man/xenolith.8 lacks $o"; done
for o in $told; do grep -qxF -- "$o" <<< "$known" || wrong "docs/man/xenolith.8 has $o, which the hypervisor does not know"; done

# Settings of the services: those of the code or of the units, those told, and those in the file that is installed.
settings=$(sed -n 's/^\t{ "\(XENDOMAINS_[A-Z_]*\)", .*/\1/p' xl/autostart/settings.c | sort)
[ "$settings" = "$(grep '^\.It Ev' docs/man/xendomains.8 | grep -o 'XENDOMAINS_[A-Z_]*' | sort)" ] || wrong "xendomains(8) has other settings"
[ "$settings" = "$(sed -n 's/^\(XENDOMAINS_[A-Z_]*\)=.*/\1/p' xl/service/default/xendomains | sort)" ] || wrong "default/xendomains has other settings"
for daemon in xenstored xenconsoled; do
	for s in $(grep -o '\$[{]*[A-Z_]*' $daemon/service/$daemon.service.in | tr -d '${' | sort -u); do
		grep -qE "^[.](It )?Ev $s( |\$)" docs/man/$daemon.8 || wrong "$daemon(8) lacks $s of its unit"
	done
done

installed=tests/build/installed.txt
for p in $(sed -n 's,^usr/\(s\?bin\|lib/xen-4.17/bin\)/\([^ ]*\).*,\2,p' $installed | sort -u); do
	grep -qE "^usr/share/man/man[18]/$p\.[18]( |$)" $installed || wrong "$p has no manual page"
done
command -v mandoc >/dev/null || { echo "needs mandoc"; exit 77; }
mandoc -Tlint -W warning docs/man/* || wrong "mandoc finds fault with these pages"
echo "$files files, $bad complaints"
[ $bad = 0 ]
