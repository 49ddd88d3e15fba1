#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# xendomains on a pretended host, with a pretended xl that notes how it was called: settings, order, how many at a time,
# limits of time, what is done when something fails.
. "$(dirname "$0")/private.sh"
mkdir -p "$work/bin" /etc/default /etc/xen/auto /run/lock
cd "$work" || exit 1
PROGRAM=${XENDOMAINS:-$build/xl/xendomains}

# The pretended xl. A file VERB-WORD says what becomes of a call with that word: fail, hang, or together N: it ends when
# so many run. A save writes its file.
cat >bin/xl <<'X'
#!/bin/bash
word=${@: -1} verb=$1
[ "$verb" = save ] && word=$2
[ "$verb" = migrate ] && word=$2
word=${word##*/} word=${word%.cfg}
note() { flock "$WORK/log" sh -c 'echo "$@" >>"$0"' "$WORK/log" "$@"; }
running() { echo $(($(grep -c ^begin "$WORK/log") - $(grep -c ^end "$WORK/log"))); }
note begin "$@"
trap 'note late "$verb $word"; exit 1' TERM
how=$(cat "$WORK/how/$verb-$word" "$WORK/how/$verb" 2>/dev/null | head -1)
case $how in
hang) mkfifo "$WORK/never.$$"; exec 9<>"$WORK/never.$$"; read -r -u 9 ;;
stubborn) trap '' TERM; mkfifo "$WORK/never.$$"; exec 9<>"$WORK/never.$$"; read -r -u 9 ;;
together*) n=0; until [ "$(running)" -ge "${how#* }" ] || [ -e "$WORK/met" ] || [ $n = 300 ]; do sleep 0.1; n=$((n + 1)); done
	[ $n -lt 300 ] && touch "$WORK/met" ;;
esac
[ "$verb" = save ] && echo "state of $2" >"$3"
note end "$@"
[ "$how" != fail ]
X
chmod +x bin/xl
export WORK=$work PATH=$work/bin:$PATH

fresh() {
	rm -rf how log met /etc/xen/auto/* /etc/default/xendomains /var/lib/xen/save never.* /etc/xen/auto/.[!.]*
	mkdir -p how; : >log
}
config() { printf 'name="%s"\nmemory=8\n' "$2" >"/etc/xen/auto/$1"; }
settings() { printf '%s\n' "$@" >/etc/default/xendomains; }
# domains EXIT COMMAND...: what it says comes to out
domains() {
	local want=$1 rc
	shift
	LD_PRELOAD=$work/fakexen.so "$PROGRAM" "$@" >out 2>&1 </dev/null
	rc=$?
	[ $rc = "$want" ] || fail "xendomains $*: exit $rc, not $want: $(cat out)"
}
calls() { sed -n 's/^begin //p' log; }
says() { grep -qF -- "$1" out || fail "no \"$1\" in: $(cat out)"; }
called() { [ "$(calls | sort)" = "$(printf '%s\n' "$@" | sort)" ] || fail "xl was called so: $(calls | tr '\n' ';')"; }
most() {
	local n=0 m=0 what
	while read -r what _; do
		case $what in begin) n=$((n + 1)) ;; end) n=$((n - 1)) ;; esac
		[ $n -le $m ] || m=$n
	done <log
	echo $m
}

# Start: guests that run are left alone, saved ones restored, hidden files and leftovers passed over.
fresh
mkdir -p /var/lib/xen/save
config 10-dns.cfg dns; config 20-web.cfg web; config 20-mail.cfg mail; config last last; config guest guest
config .hidden hidden; config web.cfg~ old; config web.cfg.dpkg-old older
echo state >/var/lib/xen/save/web
echo state >/var/lib/xen/save/.torn.part
domains 0 start
called "create --quiet --defconfig=/etc/xen/auto/10-dns.cfg" "create --quiet --defconfig=/etc/xen/auto/20-mail.cfg" \
	"restore /var/lib/xen/save/web" "create --quiet --defconfig=/etc/xen/auto/last"
[ "$(calls | head -1)" = "create --quiet --defconfig=/etc/xen/auto/10-dns.cfg" ] || fail "the lowest rank is not the first"
[ "$(calls | tail -1)" = "create --quiet --defconfig=/etc/xen/auto/last" ] || fail "the one without a number is not the last"
[ ! -e /var/lib/xen/save/web ] || fail "a restored state is still there"
[ -e /var/lib/xen/save/.torn.part ] || fail "the rest of a save was touched"

# Ranks are barriers, and inside one so many run at a time, and no more.
fresh
for i in 1 2 3 4 5 6; do config "10-a$i.cfg" "a$i"; done
config 20-b.cfg b
settings 'XENDOMAINS_PARALLEL=3'
echo "together 3" >how/create
domains 0 start
[ "$(most)" = 3 ] || fail "$(most) ran at a time, not 3"
[ "$(grep -n '10-b\|20-b' log | head -1 | cut -d: -f1)" = 13 ] || fail "a higher rank began before the lower one had ended"

# A failure: the others are served, the state stays, its guest is not made anew.
fresh
mkdir -p /var/lib/xen/save
config web.cfg web; config ok.cfg ok; config bad.cfg bad
echo state >/var/lib/xen/save/web
echo fail >how/restore-web; echo fail >how/create-bad
domains 1 start
called "restore /var/lib/xen/save/web" "create --quiet --defconfig=/etc/xen/auto/ok.cfg" "create --quiet --defconfig=/etc/xen/auto/bad.cfg"
says "web: xl restore failed with exit code 1"
says "web: its saved state /var/lib/xen/save/web stays. Restore it by hand, or remove it and create the guest anew"
says "bad: xl create failed with exit code 1"
[ -e /var/lib/xen/save/web ] || fail "a state that was not restored is gone"

# Limits of time: a late xl is asked to end; one that does not listen is killed.
fresh
config hung.cfg hung; config deaf.cfg deaf; config ok.cfg ok
settings 'XENDOMAINS_START_MAXWAIT=1'
echo hang >how/create-hung; echo stubborn >how/create-deaf
domains 1 start
says "hung: xl create took longer than 1 s and was ended"
says "deaf: xl create took longer than 1 s and was ended"
grep -qx "late create hung" log || fail "the late xl was not asked to end"
grep -q "^end create.*ok.cfg" log || fail "a late guest kept another from starting"

# Wrong configurations, and two of one name.
fresh
printf 'name=\n' >/etc/xen/auto/broken; printf 'memory=8\n' >/etc/xen/auto/nameless; config a one; config b one; config ok ok
domains 1 start
says "/etc/xen/auto/broken:"
says "/etc/xen/auto/nameless: the configuration has no name="
says "/etc/xen/auto/b: the guest one has a configuration already, /etc/xen/auto/a"
called "create --quiet --defconfig=/etc/xen/auto/a" "create --quiet --defconfig=/etc/xen/auto/ok"

# A state of a guest that runs is an old one.
fresh
mkdir -p /var/lib/xen/save; echo state >/var/lib/xen/save/guest
domains 1 start
says "guest: it runs, so that its saved state /var/lib/xen/save/guest is an old one"
called

# Without restoring, saved guests are left, and made anew where they have a configuration.
fresh
mkdir -p /var/lib/xen/save; echo state >/var/lib/xen/save/web; config web web
settings 'XENDOMAINS_RESTORE=false'
domains 0 start
called "create --quiet --defconfig=/etc/xen/auto/web"
fresh
config web web
settings 'XENDOMAINS_AUTO=""'
domains 0 start
called

# Stop: guest (7) and the one with the long name (301) run; others have ended.
long=a-name-of-more-than-forty-characters-to-see
fresh
domains 0 stop
called "save 7 /var/lib/xen/save/.guest.part" "save 301 /var/lib/xen/save/.$long.part"
[ "$(cat /var/lib/xen/save/guest)" = "state of 7" ] || fail "the saved state has not its name"
[ -z "$(find /var/lib/xen/save -name '.*.part')" ] || fail "parts are left"
[ "$(stat -c %a /var/lib/xen/save)" = 700 ] || fail "the folder of states is open to others"

# Who cannot be saved is shut down, and half a state is not left; who cannot be either is a failure.
fresh
echo fail >how/save-7; echo fail >how/save-301; echo fail >how/shutdown-301
domains 1 stop
called "save 7 /var/lib/xen/save/.guest.part" "shutdown --wait 7" "save 301 /var/lib/xen/save/.$long.part" "shutdown --wait 301"
says "guest: xl save failed with exit code 1"
says "$long: xl shutdown failed with exit code 1"
[ -z "$(ls -A /var/lib/xen/save)" ] || fail "left in the folder of states: $(ls -A /var/lib/xen/save)"

# Only those of the folder; the highest rank first, those without one before it.
fresh
config 10-guest.cfg guest
settings 'XENDOMAINS_AUTO_ONLY=true' 'XENDOMAINS_SAVE=""'
domains 0 stop
called "shutdown --wait 7"
fresh
config 10-guest.cfg guest; config 20-long.cfg $long; config 20-many.cfg many-0
settings 'XENDOMAINS_SAVE=' 'XENDOMAINS_PARALLEL=1'
FAKEXEN_GUESTS=2 domains 0 stop
calls >order
[ "$(head -1 order)" = "shutdown --wait 1001" ] && [ "$(tail -1 order)" = "shutdown --wait 7" ] && [ "$(wc -l <order)" = 4 ] ||
	fail "the order of stopping was $(tr '\n' ';' <order)"
[ "$(most)" = 1 ] || fail "$(most) at a time, not 1"

# Migration, and what comes after it where it fails; a limit of time.
fresh
settings "XENDOMAINS_MIGRATE='other-host  --live'" 'XENDOMAINS_STOP_MAXWAIT=1' 'export=1 # not one of ours'
echo hang >how/migrate-301
domains 0 stop
called "migrate 7 other-host --live" "migrate 301 other-host --live" "save 301 /var/lib/xen/save/.$long.part"
says "$long: xl migrate took longer than 1 s and was ended"
says "/etc/default/xendomains:3: warning: export is no setting of xendomains"

# Restart, status.
fresh
config new.cfg new; config guest.cfg guest
domains 3 status
says "new: does not run"; says "guest: runs"
settings XENDOMAINS_SAVE=
domains 0 restart
called "shutdown --wait 7" "shutdown --wait 301" "create --quiet --defconfig=/etc/xen/auto/new.cfg"

# Settings as a shell reads them; what only a shell could read is refused.
fresh
printf '%s\n' '# comment' '' '  XENDOMAINS_SAVE="/tmp/a b"  # why' "XENDOMAINS_AUTO='/x'/y\"/z\"" >settings
domains 0 -f settings status
for line in 'XENDOMAINS_SAVE=$HOME/x' 'XENDOMAINS_SAVE=`x`' 'XENDOMAINS_SAVE=a b' 'XENDOMAINS_SAVE="a' 'if true' 'XENDOMAINS_STOP_MAXWAIT=soon' \
	'XENDOMAINS_PARALLEL=-1'; do
	printf '#\n%s\n' "$line" >settings
	domains 1 --settings=settings start
	says "settings:2: "
done
# Debian's own file.
sed -n 's/^\t//p' >settings <<'X'
	XENDOMAINS_MIGRATE=""
	XENDOMAINS_SAVE=/var/lib/xen/save
	XENDOMAINS_RESTORE=true
	XENDOMAINS_AUTO=/etc/xen/auto
	XENDOMAINS_STOP_MAXWAIT=300
X
domains 0 -f settings start
[ ! -s out ] || fail "Debian's settings: $(cat out)"
domains 0 -f "$top/xl/service/default/xendomains" start
[ ! -s out ] || fail "our settings: $(cat out)"

# A second one is refused; a signal lets those that were begun end, and begins no other.
fresh
for i in 1 2 3; do config "$i-a$i.cfg" "a$i"; done
echo "hang" >how/create-2-a2
LD_PRELOAD=$work/fakexen.so "$PROGRAM" start >out1 2>&1 </dev/null &
first=$!
until grep -q "begin.*2-a2" log; do sleep 0.05; done
domains 1 stop
says "/run/lock/xendomains cannot be locked (Resource temporarily unavailable): does another xendomains run?"
kill $first
pid=$(pgrep -f "$work/bin/xl create.*2-a2" | head -1)
kill -0 $first 2>/dev/null || fail "a signal ended it while a guest was being started"
kill "$pid"
wait $first && fail "a start that a signal cut short says that all went well"
grep -q "begin.*3-a3" log && fail "another guest was begun after the signal"
grep -q "1 guests are left out: a signal asked for the end" out1 || fail "no word of those left out: $(cat out1)"

# Command lines, and a host that is none.
domains 2; domains 2 begin; domains 2 start stop; domains 2 --no-such-option start
domains 0 --help
says "usage: xendomains [-f FILE] start|stop|restart|reload|status"
FAKEXEN_FAIL=open=ENOENT domains 1 stop
says "the list of domains cannot be had: is this Domain 0 of a Xen host"
echo "$failures failures"
[ "$failures" = 0 ]
