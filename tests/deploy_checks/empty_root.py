"""Runs the static program in an empty root. Called by tests/static_binary inside namespaces of its own."""

import fcntl
import http.server
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading

USER = 65532
NAME = "health.relink.test"
asked = []


def bring_up_loopback():
    """A new network namespace has its loopback down (SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as it:
        flags = struct.unpack("16sh", fcntl.ioctl(it, 0x8913, struct.pack("16sh", b"lo", 0)))[1]
        fcntl.ioctl(it, 0x8914, struct.pack("16sh", b"lo", flags | 1))


def answer_names(server):
    """A name server that knows one name, by IPv4 alone."""
    while True:
        question, sender = server.recvfrom(512)
        end = question.index(b"\0", 12) + 1
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += question[at] + 1
        name, kind = ".".join(labels), struct.unpack(">H", question[end : end + 2])[0]
        asked.append(name)
        known, address = name == NAME, name == NAME and kind == 1
        head = question[:2] + struct.pack(">HHHHH", 0x8180 if known else 0x8183, 1, int(address), 0, 0)
        record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton("127.0.0.1")
        server.sendto(head + question[12 : end + 4] + (record if address else b""), sender)


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()
        self.wfile.write(b"not ready yet" if self.path == "/readyz" else b"ok")

    def log_message(self, *_):
        pass


def fill(root, program):
    """The image's files, and what Kubernetes adds to them: resolv.conf."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", root], check=True)
    os.makedirs(f"{root}/etc/ssl/certs")
    shutil.copy(program, f"{root}/relink")
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", f"{root}/etc/ssl/certs/")
    for name, text in [
        ("nsswitch.conf", "hosts: files dns\n"),
        ("passwd", f"relink:x:{USER}:{USER}:relink:/:/none\n"),
        ("resolv.conf", "nameserver 127.0.0.1\n"),
    ]:
        with open(f"{root}/etc/{name}", "w", encoding="utf-8") as it:
            it.write(text)
    subprocess.run(["mount", "-o", "remount,ro", root], check=True)


def main():
    program, root = sys.argv[1:]
    fill(root, program)
    bring_up_loopback()
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    threading.Thread(target=answer_names, args=(names,), daemon=True).start()
    health = http.server.ThreadingHTTPServer(("127.0.0.1", 9090), Health)
    threading.Thread(target=health.serve_forever, daemon=True).start()

    def start(*arguments, **settings):
        # chroot needs a privilege that the program must not have: it is done first, then the privileges go.
        return subprocess.Popen(
            ["/relink", *arguments], env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=lambda: (os.chroot(root), os.chdir("/"), drop()))  # fmt: skip

    def drop():
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)

    failed = []

    def expect(what, code, words, *arguments, **settings):
        process = start(*arguments, **settings)
        said = process.communicate(timeout=30)[0].strip()
        good = process.returncode == code and all(word in said for word in words)
        print(f"    {'yes' if good else 'NO '}  {what}: exit {process.returncode} {said.splitlines()[:1]}")
        if not good:
            failed.append(what)
            print(said)

    expect("it starts with nothing beside it", 0, ["relink "], "--version")
    expect("it lists what is not configured", 1, ["RELINK_DATABASE_URL", "RELINK_PROVIDER_URL"], "worker", "sweeps")
    expect("a misspelled setting is refused", 1, ["RELINK_REMOVAL_ENABLED: there is no such setting"],
           "worker", "sweeps", RELINK_REMOVAL_ENABLED="true")  # fmt: skip
    expect("a name is resolved, and 200 is healthy", 0, [], "probe", f"http://{NAME}:9090/healthz")
    expect("503 is not healthy, and the answer is told", 1, ["503 not ready yet"], "probe", f"http://{NAME}:9090/readyz")
    expect("a name that is not there is told", 1, ["ask http://"], "probe", "http://nowhere.relink.test:9090/healthz")
    expect("the database's name is resolved alike", 1, ["onnection refused"],
           "migrate", RELINK_DATABASE_URL=f"postgresql://u:p@{NAME}:5432/d?sslmode=disable")  # fmt: skip
    if {NAME, "nowhere.relink.test"} - set(asked):
        failed.append(f"the name server was asked for {sorted(set(asked))}")

    simulator = start("simulator", RELINK_PROVIDER_API_KEY="k", RELINK_SIMULATOR_ADDRESS="127.0.0.1:9470")
    line = simulator.stdout.readline()
    print(f"    a process that stays: {line.strip()[:120]}")
    with open(f"/proc/{simulator.pid}/status", encoding="utf-8") as it:
        status = {key: value.split() for key, _, value in (row.partition(":") for row in it)}
    if status["Uid"] != [str(USER)] * 4 or status["CapEff"] != ["0" * 16]:
        failed.append(f"it runs as {status['Uid']} with {status['CapEff']}")
    expect("it answers", 0, [], "probe", "http://127.0.0.1:9470/control/counts")
    simulator.send_signal(signal.SIGTERM)
    if simulator.wait(timeout=30) != 0:
        failed.append(f"SIGTERM ended it with {simulator.returncode}")
    there = [os.path.join(at, name)[len(root):] for at, _, found in os.walk(root) for name in found]
    print(f"    all that is there, read-only: {' '.join(sorted(there))}")
    if not os.statvfs(root).f_flag & os.ST_RDONLY:
        failed.append("the root can be written to")
    if failed:
        sys.exit(f"    failed: {failed}")


main()
