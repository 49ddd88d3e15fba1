#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the code knows stands in the manual pages and is offered by bash completion: commands with their options in
# xl(1), keys of configurations in xl.cfg(5), of the host in xl.conf(5).
. "$(dirname "$0")/lib.sh"
man=$top/docs/man

# has PAGE WORD: the word stands in the page by itself
has() { sed 's/\\-/-/g' "$man/$1" | grep -qE "(^|[^A-Za-z0-9_-])$2($|[^A-Za-z0-9_-])"; }

keys=$(sed -n '/UNBUILT(\|IGNORED(/d; s/^\t\(STRING\|BOOL\|INT\|U32\|MIB\|LIST\|WORD\|SPECIAL\|ACTION\|NUMBER\)("\([a-z_0-9]*\)".*/\2/p
	s/^\t{ "\([a-z_0-9]*\)", KEY_.*/\1/p' "$top/xl/keys.c")
[ "$(echo "$keys" | wc -l)" -gt 120 ] || fail "the keys could not be read from keys.c"
for key in $keys; do
	has xl.cfg.5 "$key" || fail "xl.cfg(5) lacks the key $key"
done
for file in devices devices2 media nested; do
	for key in $(sed -n 's/^\t{ "\([a-z_-]*\)", [a-z0-9]*_[a-z_0-9]*, .*/\1/p' "$top/xl/$file.c"); do
		has xl.cfg.5 "$key" || fail "xl.cfg(5) lacks the setting $key"
	done
done
for key in $(sed -n 's/^\t{ "\([a-z_.]*\)", CONF_[A-TV-Z].*/\1/p' "$top/xl/conf.c"); do
	has xl.conf.5 "$key" || fail "xl.conf(5) lacks the key $key"
done

commands=$(fxl help 2>/dev/null | sed 1,4d | awk '/^ [^ ]/ && !/\(not built\)/ { print $1 }')
for command in $commands; do
	# Consecutive heads share the text below them.
	entry=$(awk -v c="$command" '/^\.It Cm / { if (!head) inside = 0; head = 1 } !/^\.It Cm / { head = 0 }
		$0 ~ "^\\.It Cm " c "( |$)" { inside = 1 } inside' "$man/xl.1")
	[ -n "$entry" ] || { fail "xl(1) lacks the command $command"; continue; }
	fxl help "$command" | grep -oE '^(-[A-Za-z]\b|--[a-z_-]+)|, (--[a-z_-]+|-[A-Za-z]\b)' | tr -d ', ' | while read -r option; do
		case $option in
		--*) echo "$entry" | sed 's/\\-/-/g' | grep -q -- "Fl ${option#-}" || echo "$command $option" ;;
		*) echo "$entry" | grep -qE -- "Fl [A-Za-z]*${option#-}" || echo "$command $option" ;;
		esac
	done >"$work/missing"
	while read -r line; do fail "xl(1) lacks the option: $line"; done <"$work/missing"
done

# Completion, as bash runs it.
complete_words() {
	bash -c '. "$1"; shift
		xl() { LD_PRELOAD="'"$work/fakexen.so"'" "'"$XL"'" "$@"; }
		COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _xl; printf "%s\n" "${COMPREPLY[@]}"' \
		_ "$top/xl/completion/xl" "$@" 2>/dev/null
}
[ "$(complete_words xl "" | sort)" = "$(echo "$commands" | sort)" ] || fail "completion does not offer the commands"
[ "$(complete_words xl sched-credit2 --we)" = --weight ] || fail "completion: xl sched-credit2 --we"
[ "$(complete_words xl why gu)" = guest ] || fail "completion: xl why gu"
[ "$(complete_words xl pause gu)" = guest ] || fail "completion: xl pause gu"
[ "$(complete_words xl -v console crash)" = crashed-one ] || fail "completion: xl -v console crash"
[ "$(complete_words xl vcpu-list guest stop)" = stopped ] || fail "completion: the second domain of vcpu-list"
[ "$(complete_words xl pause guest gu)" = "" ] || fail "completion: pause has one domain"
[ "$(complete_words xl create --dry)" = --dryrun ] || fail "completion: create --dry"
for command in $commands; do
	# Whose first argument is a domain that runs is offered those that do.
	case $(fxl help "$command" | sed -n "s/^Usage: .* $command \(\[[-a-z]*\] \)*//p") in
	"<Domain>"*|"<DomainName>"*|"<-a|Domain>"*|"<Domain(s)>"*|"[Domain"*)
		[ "$(complete_words xl "$command" gu)" = guest ] || fail "completion: xl $command does not offer domains" ;;
	esac
	for option in $(fxl help "$command" | grep -oE '^--[a-z_-]+|, --[a-z_-]+' | tr -d ', '); do
		complete_words xl "$command" "$option" | grep -qx -- "$option" || fail "completion: xl $command $option"
	done
done
echo "$(echo "$keys" | wc -l) keys, $(echo "$commands" | wc -l) commands, $failures failures"
[ "$failures" = 0 ]
