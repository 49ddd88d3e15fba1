# SPDX-License-Identifier: GPL-2.0-only
"""Drives Debian's libvirt as an administrator does. Run by run.sh, which says by whose libraries.

What it asks and what it is told goes to a file, so that two libraries can be compared line by line.
"""
import glob
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
import guests  # noqa: E402
from xsclient import Daemon, until  # noqa: E402

WORK, URI = os.environ["WORK"], "xen:///system"
UUID = "11111111-2222-3333-4444-555555555555"
XML = f"""<domain type='xen'>
  <name>alpha</name>
  <uuid>{UUID}</uuid>
  <memory unit='MiB'>16</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='xenpv'>linux</type><kernel>{WORK}/tiny</kernel><cmdline>quiet</cmdline></os>
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
  <devices>
    <disk type='file'><driver name='phy'/><source file='{WORK}/one.img'/><target dev='xvda' bus='xen'/></disk>
    <interface type='ethernet'><mac address='00:16:3e:00:00:01'/><script path='{WORK}/vif-script'/></interface>
    <console type='pty'><target type='xen'/></console>
  </devices>
</domain>
"""
SCREEN = XML.replace("alpha", "gamma").replace("11111111-", "22222222-").replace(
    "name='phy'/>", "name='qemu' type='qcow2'/>").replace("one.img", "disk.qcow2").replace(
    "    <console", "    <graphics type='vnc' port='5907' listen='127.0.0.1' passwd='hidden'/>\n    <console")
VIRTINST = f"""
import sys
sys.path[:0] = ["/usr/share/virt-manager"]
from virtinst import cli
conn = cli.getConnection("{URI}")
assert conn.is_xen() and [g.os_type for g in conn.caps.guests] == ["xen"]
for name, vcpus in sorted((dom.name, dom.vcpus) for dom in conn.fetch_all_domains()):
    print(name, vcpus)
"""
PLAIN = f"""name = "delta"
type = "pv"
memory = 16
kernel = "{WORK}/tiny"
vkb = ["backend-type=linux,unique-id=seat,feature-abs-pointer=1,width=640,height=480"]
vtpm = ["backend=0,uuid=33333333-2222-3333-4444-555555555555"]
vdispl = ["be-alloc=1,connectors=left:1920x1080;right:800x600"]
vsnd = [["CARD,short-name=Main", "PCM,name=front,channels-max=2", "STREAM,unique-id=out,type=p,sample-rates=8000;44100",
         "STREAM,unique-id=in,type=c"]]
"""
NIC = f"<interface type='ethernet'><mac address='00:16:3e:00:00:02'/><script path='{WORK}/vif-script'/></interface>"


class Host:
    """The store, consoles and guests of the pretended host, which stay while libvirtd comes and goes."""

    def __init__(self):
        self.store_daemon = Daemon(os.environ["XENSTORED"], "")
        life = self.store_daemon.dir
        os.environ.update(XENSTORED_PATH=self.store_daemon.path, FAKEXEN_LIFE=life)
        self.consoles = subprocess.Popen(
            [os.environ["XENCONSOLED"], "-i"],
            env=dict(os.environ, LD_PRELOAD="", FAKEXEN_DIR=life, FAKEXEN_EVTCHN="console"))
        until("the console daemon", lambda: os.path.exists(life + "/console"))
        self.store = guests.Store(self.store_daemon.path)
        for path, value in (("domain/0/name", "Domain-0"), ("domain/0/domid", 0), ("pool/0/name", "Pool-0"),
                            ("domain/0/memory/target", 1 << 20)):
            self.store.write("/local/" + path, value)
        self.guests = guests.Guests(self.store_daemon.path, life, "console", os.environ["FAKEXEN_SYS"])

    def left(self):
        """What is in the store of other domains than Domain 0."""
        return [f"{p}/{n}" for p in ("/local/domain", "/libxl", "/vm", "/local/domain/0/backend/vif",
                                     "/local/domain/0/backend/vbd") for n in self.store.list(p) if n != "0"]

    def end(self):
        self.consoles.kill()
        self.store_daemon.kill()


class Libvirt:
    def __init__(self, transcript):
        self.out = transcript
        self.events = None
        self.start()

    def start(self):
        self.p = subprocess.Popen(["libvirtd", "-f", WORK + "/libvirtd.conf"], stderr=subprocess.DEVNULL)
        until("libvirtd answers", lambda: subprocess.run(
            ["virsh", "-q", "-c", URI, "uri"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0)

    def stop(self, how=signal.SIGTERM):
        self.p.send_signal(how)
        code = self.p.wait(60)
        assert code == (0 if how == signal.SIGTERM else -how), f"libvirtd ended with {code}"

    def run(self, *command, code=0):
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                           text=True, timeout=90)
        said = "".join(line.rstrip() + "\n" for line in r.stdout.split("\n") if line.strip())
        told = re.sub(r"([Cc]pu_?[ Tt]ime:? +)[0-9.]+", r"\1...", said, flags=re.I)
        print("$", *command, f"\n{told}(exit {r.returncode})", file=self.out, flush=True)
        assert code is None or r.returncode == code, f"{' '.join(command)}: exit {r.returncode}: {said}"
        return said

    def asks(self, *args):
        """Without a line in the transcript: for what is asked until it is so."""
        return subprocess.run(["virsh", "-q", "-c", URI, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True).stdout.strip()

    def xl(self, *args, code=0, out=None):
        """Whose xl belongs to the libraries. Its messages are its own."""
        r = subprocess.run([os.environ["XL"], *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=90)
        print("$ xl", *args, f"\n{r.stdout}(exit {r.returncode})", file=out or self.out, flush=True)
        assert r.returncode == code, f"xl {' '.join(args)}: exit {r.returncode}: {r.stdout}{r.stderr}"
        return r.stdout

    def virsh(self, *args, code=0):
        return self.run("virsh", "-q", "-c", URI, *args, code=code)

    def has(self, pattern, *args):
        said = self.virsh(*args)
        assert re.search(pattern, said, re.M), f"virsh {' '.join(args)}: no \"{pattern}\" in: {said}"
        return said

    def state(self, name, state):
        """Waits for it: what a guest does comes to libvirt by itself. A shut off one has a number for a while yet."""
        def now():
            return self.asks("domstate", "--reason", name) == state and \
                (self.asks("domid", name) == "-") == state.startswith("shut off")
        until(lambda: f"{name} is {state}, not {self.asks('domstate', '--reason', name)}", now)
        print(f"{name}: {state}", file=self.out, flush=True)

    def listen(self):
        self.events = subprocess.Popen(["virsh", "-c", URI, "event", "--all", "--loop"], stdout=subprocess.PIPE)
        self.heard = b""

    def event(self, text, name="alpha"):
        line = f"event 'lifecycle' for domain '{name}': {text}\n".encode()

        def there():
            if select.select([self.events.stdout], [], [], 0)[0]:
                self.heard += os.read(self.events.stdout.fileno(), 65536)
            return line in self.heard
        until(lambda: f"event {text}: {self.heard}", there)
        print("event:", text, file=self.out, flush=True)
        self.heard = self.heard.replace(line, b"", 1)


def facts(v, host):
    v.has("Running hypervisor: Xen 4.17.0", "version")
    v.has("<machine>xenpv</machine>", "capabilities")
    v.has(r"CPU\(s\): +4", "nodeinfo")
    v.has("6291456 KiB", "freecell")
    v.has("0: +6291456 KiB", "freecell", "--all")
    v.has("<domain>xen</domain>", "domcapabilities", "--machine", "xenpv")
    v.virsh("maxvcpus")
    v.has("0 +Domain-0 +running", "list", "--all")


def define(v, host):
    with open(WORK + "/alpha.xml", "w") as f:
        f.write(XML)
    v.virsh("define", WORK + "/alpha.xml")
    v.listen()
    v.has("alpha +shut off", "list", "--all")
    cfg = v.has('^kernel = ', "domxml-to-native", "xen-xl", "--domain", "alpha")
    with open(WORK + "/alpha.cfg", "w") as f:
        f.write(cfg)
    v.has(f"<uuid>{UUID}</uuid>", "domxml-from-native", "xen-xl", WORK + "/alpha.cfg")
    v.has('^disk = ', "domxml-to-native", "xen-xl", "--xml", WORK + "/alpha.xml")


def run(v, host):
    v.virsh("start", "alpha")
    v.event("Started Booted")
    v.has("1 +alpha +running", "list")
    v.has("Max memory: +16384 KiB", "dominfo", "alpha")
    v.has("actual 16384", "dommemstat", "alpha")
    v.has("CPU1:", "cpu-stats", "alpha")
    v.has("<target dev='vif1.0'/>", "dumpxml", "alpha")
    v.has("^VCPU: +1", "vcpuinfo", "alpha")
    v.has("current +live +2", "vcpucount", "alpha")
    v.virsh("vcpupin", "alpha", "1", "2")
    v.has("^ 1 +2$", "vcpupin", "alpha")
    v.virsh("setvcpus", "alpha", "1")
    until("a vCPU less", lambda: host.store.read("/local/domain/1/cpu/1/availability") == "offline")
    v.has("weight +: 256", "schedinfo", "alpha")
    v.has("weight +: 300", "schedinfo", "alpha", "--set", "weight=300")
    v.virsh("suspend", "alpha")
    v.event("Suspended Paused")
    v.state("alpha", "paused (user)")
    v.virsh("resume", "alpha")
    v.event("Resumed Unpaused")
    v.state("alpha", "running (unpaused)")
    v.virsh("inject-nmi", "alpha", code=None)


def memory(v, host):
    v.virsh("setmem", "alpha", "12M")
    until("the balloon", lambda: "actual 12288" in v.asks("dommemstat", "alpha"))
    v.virsh("setmaxmem", "alpha", "20M")
    assert host.store.read("/local/domain/1/memory/static-max") == "20480"


def console(v, host):
    assert v.virsh("ttyconsole", "alpha").startswith("/dev/pts/")
    pid, fd = pty.fork()
    if not pid:
        os.execvp("virsh", ["virsh", "-c", URI, "console", "alpha"])
    seen = b""
    typed = False
    while b"heard hello" not in seen:
        assert select.select([fd], [], [], 30)[0], f"console: {seen}"
        seen += os.read(fd, 4096)
        if b"pretended guest\r\n" in seen and not typed:
            typed = os.write(fd, b"hello\r") > 0
    os.write(fd, b"\x1d")
    assert os.waitpid(pid, 0)[1] == 0


def devices(v, host):
    v.has("rd_bytes 25600", "domblkstat", "alpha", "xvda")
    v.virsh("attach-disk", "alpha", WORK + "/two.img", "xvdb", "--driver", "phy", "--type", "disk")
    v.virsh("attach-disk", "alpha", WORK + "/two.img", "xvdb", code=1)
    v.has("xvdb +.*two.img", "domblklist", "alpha")
    until("the disk", lambda: host.store.read("/local/domain/1/device/vbd/51728/state") == "4")
    v.virsh("domblkstat", "alpha", "xvdb")
    v.virsh("detach-disk", "alpha", "xvdb")
    assert "xvdb" not in v.virsh("domblklist", "alpha")
    v.has("vif1.0 rx_bytes", "domifstat", "alpha", "vif1.0")
    with open(WORK + "/nic.xml", "w") as f:
        f.write(NIC)
    v.virsh("attach-device", "alpha", WORK + "/nic.xml")
    v.has("00:16:3e:00:00:02", "domiflist", "alpha")
    until("the interface", lambda: host.store.read("/local/domain/1/device/vif/1/state") == "4")
    v.virsh("detach-interface", "alpha", "ethernet", "--mac", "00:16:3e:00:00:02")
    assert "00:16:3e:00:00:02" not in v.virsh("domiflist", "alpha")
    v.virsh("attach-interface", "alpha", "bridge", "nobridge", "--script", "/nonexistent", code=1)


def dumps(v, host):
    for how in ((), ("--live",)):
        v.virsh("dump", "alpha", WORK + "/core", *how)
        assert os.path.getsize(WORK + "/core")
        os.unlink(WORK + "/core")
    v.state("alpha", "running (unpaused)")


def saves(v, host):
    v.virsh("save", "alpha", WORK + "/saved")
    v.event("Stopped Saved")
    v.virsh("restore", WORK + "/saved")
    v.event("Started Restored")
    v.has("2 +alpha +running", "list")
    v.virsh("managedsave", "alpha")
    v.event("Stopped Saved")
    v.has("Managed save: +yes", "dominfo", "alpha")
    v.virsh("start", "alpha")
    v.event("Started Restored")
    v.has("Managed save: +no", "dominfo", "alpha")
    v.virsh("save", "alpha", WORK + "/saved")
    v.virsh("restore", WORK + "/saved", "--paused")
    v.state("alpha", "paused (user)")
    v.virsh("resume", "alpha")
    with open(WORK + "/saved", "r+b") as f:
        f.truncate(os.path.getsize(WORK + "/saved") - 60)
    v.virsh("destroy", "alpha")
    v.virsh("restore", WORK + "/saved", code=1)
    v.state("alpha", "shut off (destroyed)")


def endings(v, host):
    """Asked for, and by itself."""
    v.virsh("start", "alpha")
    domid = int(v.virsh("domid", "alpha"))
    v.virsh("reboot", "alpha")
    until("another domain", lambda: v.asks("domid", "alpha") == str(domid + 1))
    v.state("alpha", "running (booted)")
    v.virsh("shutdown", "alpha")
    v.state("alpha", "shut off (shutdown)")
    for reason, state in ((guests.POWEROFF, "shut off (shutdown)"), (guests.CRASH, "shut off (crashed)")):
        v.virsh("start", "alpha")
        host.guests.end(int(v.virsh("domid", "alpha")), reason)
        v.state("alpha", state)
    v.virsh("start", "alpha")
    domid = int(v.virsh("domid", "alpha"))
    host.guests.end(domid, guests.REBOOT)
    until("another domain", lambda: v.asks("domid", "alpha") == str(domid + 1))
    v.virsh("destroy", "alpha")
    v.state("alpha", "shut off (destroyed)")


def restarts(v, host):
    """libvirtd goes and comes while guests run."""
    v.virsh("start", "alpha")
    domid = int(v.virsh("domid", "alpha"))
    v.events.kill()
    for how in (signal.SIGTERM, signal.SIGKILL):
        v.stop(how)
        v.start()
        v.has(f"{domid} +alpha +running", "list")
    host.guests.end(domid, guests.POWEROFF)
    v.state("alpha", "shut off (shutdown)")
    v.virsh("autostart", "alpha")
    v.has("Autostart: +enable", "dominfo", "alpha")
    v.stop()
    os.unlink("/run/libvirt/libxl/autostarted")     # as a boot of the host does
    v.start()
    v.state("alpha", "running (booted)")
    v.virsh("autostart", "alpha", "--disable")
    v.virsh("destroy", "alpha")
    v.virsh("undefine", "alpha")


def transient(v, host):
    v.virsh("create", WORK + "/alpha.xml")
    v.has("alpha +running", "list", "--all")
    v.virsh("destroy", "alpha")
    assert "alpha" not in v.virsh("list", "--all")


def virtinst(v, host):
    v.run("virt-install", "--connect", URI, "--paravirt", "--name", "beta", "--memory", "16", "--vcpus", "2",
          "--import", "--boot", f"kernel={WORK}/tiny,kernel_args=quiet", "--disk", f"path={WORK}/two.img,driver.name=phy",
          "--network", "none", "--graphics", "none", "--osinfo", "linux2020", "--noautoconsole")
    v.has("beta +running", "list")
    v.run("virt-xml", "--connect", URI, "beta", "--edit", "--vcpus", "1", "--define")
    v.run("virt-xml", "--connect", URI, "beta", "--add-device", "--update", "--disk",
          f"path={WORK}/one.img,driver.name=phy,target.dev=xvdb")
    v.has("xvdb", "domblklist", "beta")
    v.run("virt-xml", "--connect", URI, "beta", "--remove-device", "--disk", "target=xvdb", "--update")
    assert "xvdb" not in v.virsh("domblklist", "beta")
    v.run("/usr/bin/python3", "-c", VIRTINST)
    v.virsh("destroy", "beta")
    v.virsh("undefine", "beta")


def told(v):
    """What a device model is told, by its command line and by its control socket but for questions."""
    with open(WORK + "/model-told") as f, open(WORK + "/model-heard") as g:
        asked = sorted({line for line in g.read().splitlines() if not line.startswith(("query-", "qmp_"))})
        print("device model:", f.read(), *asked, sep="\n", file=v.out, flush=True)


def models():
    """Processes that stand for QEMU, by number."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                found += [pid] if b"-xen-domid" in f.read().split(b"\0") else []
        except OSError:                       # it ended meanwhile
            pass
    return found


def modelled(v, host):
    """Disks and screens that QEMU serves: from the start, and one that comes later."""
    with open(WORK + "/gamma.xml", "w") as f:
        f.write(SCREEN)
    v.virsh("define", WORK + "/gamma.xml")
    v.has("vncdisplay=7", "domxml-to-native", "xen-xl", "--domain", "gamma")
    v.virsh("start", "gamma")
    told(v)
    v.has("^127.0.0.1:7$", "vncdisplay", "gamma")
    domid = int(v.virsh("domid", "gamma"))
    for kind, devid in (("qdisk", 51712), ("vfb", 0), ("vkbd", 0)):
        home = f"/local/domain/0/backend/{kind}/{domid}/{devid}"
        until(f"{kind} connected", lambda: host.store.read(home + "/state") == "4")
    print(host.store.read(f"/local/domain/0/backend/qdisk/{domid}/51712/params"),
          host.store.read(f"/local/domain/{domid}/console/vnc-port"), file=v.out)
    assert len(models()) == 1
    v.virsh("save", "gamma", WORK + "/saved")
    until("the device model is gone", lambda: not models())
    v.virsh("restore", WORK + "/saved")
    assert len(models()) == 1
    v.virsh("destroy", "gamma")
    until("the device model is gone", lambda: not models())
    v.virsh("undefine", "gamma")


def nodes(domid):
    """The devices of a domain in the store, with who may do what."""
    said = subprocess.run([os.environ["XENSTORE"], "ls", "-fp"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return sorted(line for line in said.splitlines() if re.search(
        rf"^/(libxl/{domid}|local/domain/{domid})/device/(?!suspend)|^/local/domain/0/backend/\w+/{domid}\b", line))


def kept(v, kinds):
    """Devices in the configuration that is kept with the domain."""
    with open(os.devnull, "w") as nowhere:
        config = json.loads(v.xl("list", "-l", "delta", out=nowhere))[0]["config"]
    return json.dumps([config[kind + "s"] for kind in kinds])


def served_by_programs(v, host):
    """Devices whose backend is a program of the operator's: what stands in the store, and what xl tells of it."""
    kinds = ("vkb", "vtpm", "vdispl", "vsnd")
    with open(WORK + "/delta.cfg", "w") as f:
        f.write(PLAIN)
    v.xl("create", "-q", "-e", WORK + "/delta.cfg")
    domid = host.store.domid("delta")
    until("the keyboard", lambda: host.store.read(f"/local/domain/{domid}/device/vkbd/0/state") == "4")
    for kind in kinds:
        v.xl(kind + "-list", "delta")
    config = kept(v, kinds)
    print(config, file=v.out)
    v.xl("vkb-attach", "delta", "backend-type=linux")
    v.xl("vtpm-attach", "delta", "backend=0", "uuid=43333333-2222-3333-4444-555555555555")
    v.xl("vdispl-attach", "delta", "connectors=one:1x1")
    v.xl("vsnd-attach", "delta", "card", "pcm,name=p", "stream,unique-id=u,type=c")
    until("the keyboard", lambda: host.store.read(f"/local/domain/{domid}/device/vkbd/1/state") == "4")
    for kind in kinds:
        v.xl(kind + "-list", "delta")
    # A keyboard that is attached later Debian's library does not keep.
    print(kept(v, kinds[1:]), *nodes(domid), sep="\n", file=v.out)
    for kind in ("vkb", "vdispl", "vsnd"):
        v.xl(kind + "-detach", "delta", "1")
    v.xl("vtpm-detach", "delta", "43333333-2222-3333-4444-555555555555")
    assert kept(v, kinds) == config
    print(*nodes(domid), sep="\n", file=v.out)
    v.xl("destroy", "delta")
    assert not nodes(domid)


def channels(v, host):
    """Debian's library loses the first one of a PV guest."""
    with open(WORK + "/delta.cfg", "w") as f:
        f.write(PLAIN + f"channel = ['connection=socket,name=first,path={WORK}/first', 'connection=pty,name=second']\n")
    v.xl("create", "-q", "-e", WORK + "/delta.cfg")
    domid = host.store.domid("delta")
    until("the channels", lambda: [host.store.read(f"/local/domain/{domid}/device/console/{i}/state") for i in (1, 2)] == ["4", "4"])
    with open(WORK + "/model-told") as f:
        told = f.read()
    for i, (name, kind, path) in enumerate((("first", "socket", WORK + "/first"), ("second", "pty", ""))):
        home = f"/local/domain/{domid}/device/console/{i + 1}"
        assert host.store.read(home + "/name") == name
        assert host.store.read(home + "/output") == f"chardev:libxl-channel{i}"
        assert f"-chardev {kind},id=libxl-channel{i}" in told, told
        found = json.loads(v.xl("channel-list", "--json", "delta"))[i]
        assert (found["devid"], found["name"], found["connection"], found["path"]) == (i, name, kind, path), found
    v.xl("destroy", "delta")
    assert not nodes(domid)


# A description, what is changed in it, and the sentence that must name device, cause and next step.
SOUND = XML.replace("alpha", "broken").replace("11111111-", "44444444-").replace("00:00:01", "00:00:09").replace("one.img", "two.img")
NO_BRIDGE = "<interface type='bridge'><source bridge='nosuchbr'/></interface><interface type='ethernet'>"
BROKEN = {
    "kernel missing": ("/tiny</kernel>", "/gone</kernel>", f"cannot read its kernel {WORK}/gone: No such file or directory"),
    "no kernel": ("/tiny</kernel>", "/one.img</kernel>", f"cannot use {WORK}/one.img as a PV kernel: .*: name one with kernel="),
    "ramdisk missing": ("</kernel>", "</kernel><initrd>/nonexistent/initrd</initrd>",
                        "cannot read its ramdisk /nonexistent/initrd: No such file or directory"),
    "image missing": ("two.img", "gone.img", f"disk xvda: cannot use {WORK}/gone.img: No such file or directory"),
    "image of another format": ("name='phy'", "name='qemu' type='qcow2'",
                                f"disk xvda: {WORK}/two.img is no qcow2 image: correct format="),
    "image in use": ("two.img", "one.img", f"disk xvda: {WORK}/one.img is written by domain alpha .*: detach it there first"),
    "bridge missing": ("<interface type='ethernet'>", NO_BRIDGE, "vif 0: there is no bridge nosuchbr: make it"),
    "script missing": (WORK + "/vif-script", "/nonexistent", "vif 0: cannot run the script /nonexistent: .*: make it"),
}


def logged(paths, reason):
    """Whether a line of these files has it, and the domain's name if the file does not have it."""
    for path in glob.glob(paths):
        with open(path, errors="replace") as f:
            if any(re.search(reason, line) and "broken" in path + line for line in f):
                return True
    return False


def broken(v, host):
    """Descriptions that cannot become a domain: virsh names it, the log of libvirt's driver has the reason."""
    v.virsh("create", WORK + "/alpha.xml")
    before = sorted(host.left())
    for title, (old, new, reason) in BROKEN.items():
        assert old in SOUND, title
        with open(WORK + "/broken.xml", "w") as f:
            f.write(SOUND.replace(old, new))
        said = v.virsh("create", WORK + "/broken.xml", code=1)
        assert "failed to create new domain 'broken'" in said, f"{title}: {said}"
        for paths in ("/var/log/libvirt/libxl/*.log", "/var/log/xen/xl-broken.log"):
            until(f"{title}: {paths} has {reason}", lambda: logged(paths, reason), 10)
        until(f"{title}: nothing is left", lambda: sorted(host.left()) == before)
    v.virsh("destroy", "alpha")


def model_comes_later(v, host):
    """By Debian's libraries nobody takes up such a disk."""
    v.virsh("create", WORK + "/alpha.xml")
    v.virsh("attach-disk", "alpha", WORK + "/later.qcow2", "xvdb", "--driver", "qemu", "--subdriver", "qcow2")
    assert len(models()) == 1
    v.virsh("detach-disk", "alpha", "xvdb")
    v.virsh("destroy", "alpha")
    until("the device model is gone", lambda: not models())


def ended_meanwhile(v, host):
    """A guest ends while there is no libvirtd. With Debian's libraries, this is noticed or not, as it happens."""
    v.virsh("define", WORK + "/alpha.xml")
    v.virsh("start", "alpha")
    domid = int(v.virsh("domid", "alpha"))
    v.stop()
    host.guests.end(domid, guests.POWEROFF)
    v.start()
    v.state("alpha", "shut off (shutdown)")


STEPS = [facts, define, run, memory, console, devices, dumps, saves, endings, restarts, transient, virtinst, modelled,
         served_by_programs]


def main():
    host = Host()
    with open(sys.argv[1], "w") as out, open(os.devnull, "w") as nowhere:
        v = Libvirt(out)
        for step in STEPS:
            start = time.monotonic()
            step(v, host)
            print(f"{step.__name__}: {time.monotonic() - start:.1f} s", flush=True)
        if os.environ["LIBRARIES"] == "ours":
            v.out = nowhere
            broken(v, host)
            channels(v, host)
            model_comes_later(v, host)
            ended_meanwhile(v, host)
        v.stop()
        until("nothing is left in the store", lambda: not host.left())
    host.end()


if __name__ == "__main__":
    main()
