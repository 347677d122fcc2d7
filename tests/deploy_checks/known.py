"""What the code itself says: queues, settings, which settings docs/settings.md describes."""

import pathlib
import re


def text(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def queues():
    """Names of the queues, as docs/jobs.md lists them; a test holds that page against the program."""
    table = re.search(r"^## Queues\n(.*?)^## ", text("docs/jobs.md"), re.S | re.M)
    return re.findall(r"^\| `(\w+)` \|", table[1], re.M)


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
