"""What the code itself says: queues, settings, which settings docs/settings.md describes."""

import pathlib
import re


def text(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def queues():
    """Names of the queues, as docs/jobs.md lists them; a test holds that page against the program."""
    table = re.search(r"^## Queues\n(.*?)^## ", text("docs/jobs.md"), re.S | re.M)
    return re.findall(r"^\| `(\w+)` \|", table[1], re.M)


def needs(queue):
    """Words of what a queue's jobs need, from the same table."""
    row = re.search(rf"^\| `{queue}` \|.*\| ([^|]*) \|$", text("docs/jobs.md"), re.M)
    return set(re.findall(r"`(\w+)`", row[1]))


# What whoever mails must have: server, sender, and the key and address of the links in mails.
MAILING = ("RELINK_SMTP_URL_FILE", "RELINK_MAIL_FROM", "RELINK_SECRETS_KEY_FILE", "RELINK_PUBLIC_URL")


def mails(command):
    """Whether a process of these arguments gives mails away."""
    return command[0] == "worker" and any("mail" in needs(queue) for queue in command[1:])


def _list(name):
    found = re.search(rf"const {name}: &\[&str\] = &\[(.*?)\];", text("crates/fleet/src/settings.rs"), re.S)
    return re.findall(r'"(\w+)"', found[1])


SECRETS = set(_list("SECRETS"))
SETTINGS = set(_list("SETTINGS"))
# Everything that a process accepts; the same list refuses the rest when it starts.
ACCEPTED = SETTINGS | SECRETS | {f"{name}_FILE" for name in SECRETS}
# OpenTelemetry's own names, which its specification fixes.
FOREIGN = re.compile(r"OTEL_[A-Z_]+$")


def undocumented():
    """Settings without a row in docs/settings.md, and rows without a setting."""
    rows = set()
    for row in re.findall(r"^\| (`RELINK_[^|]*)\|", text("docs/settings.md"), re.M):
        rows |= set(re.findall(r"RELINK_[A-Z_]+", row))
    ours = SETTINGS | SECRETS
    return sorted(ours - rows), sorted(rows - ours)
