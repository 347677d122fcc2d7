"""What the code itself says: queues, settings, which settings the README tells of."""

import pathlib
import re


def text(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def queues():
    """Names of policy's queues, as `relink worker` is told them."""
    body = re.search(r"fn as_str\(self\).*?\{.*?match self \{(.*?)\n\s*\}", text("crates/policy/src/jobs.rs"), re.S)
    return re.findall(r'Self::\w+ => "(\w+)"', body[1])


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
    """Settings without a row in the README's table, and rows without a setting."""
    table = re.search(r"\n### Settings\n(.*?)\n### ", text("README.md"), re.S)[1]
    rows = set()
    for row in re.findall(r"^\| (`RELINK_[^|]*)\|", table, re.M):
        rows |= set(re.findall(r"RELINK_[A-Z_]+", row))
    ours = SETTINGS | SECRETS
    return sorted(ours - rows), sorted(rows - ours)
