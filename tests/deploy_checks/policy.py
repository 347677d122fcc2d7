"""Rules that no schema knows, over every rendered overlay, compose.yaml and the Dockerfile.

Each rule stands beside a mistake that it must notice; the mistake is made in a copy before the rule is believed.
"""

import copy
import pathlib
import sys

import compose
import dockerfile
import known
import rules_network
import rules_pods
import rules_together
from manifests import Manifests


def believe(what, rule, mistake, original):
    """The rule's complaints about the original, and whether it notices the mistake made in a copy."""
    broken = copy.deepcopy(original)
    mistake(broken)
    found = list(rule(original))
    noticed = [it for it in rule(broken) if it not in found]
    if not noticed:
        return [f"the rule does not notice the mistake that is made for it: {what}"]
    if "--show" in sys.argv:
        print(f"      {what}\n        noticed: {noticed[0]}")
    return found


def settings():
    """docs/settings.md against the list that processes are started by."""
    missing, unknown = known.undocumented()
    yield from (f"docs/settings.md has no {name}" for name in missing)
    yield from (f"docs/settings.md has {name}, which no process accepts" for name in unknown)


def main():
    folder = pathlib.Path(sys.argv[1])
    wrong = [("settings", it) for it in settings()]
    everything = rules_pods.RULES + rules_network.RULES + rules_together.RULES
    for path in sorted(folder.glob("*.yaml")):
        if path.stem == "rules":
            continue
        overlay = Manifests.read(path)
        mine = [it for it in everything if it.applies(overlay)]
        for rule in mine:
            found = believe(rule.says, rule.check, rule.mistake, overlay)
            wrong += [(overlay.name, f"{rule.says}: {it}") for it in found]
        print(f"    {overlay.name}: {len(mine)} rules, each of which notices its mistake")
    for name, module in [("compose.yaml", compose), ("Dockerfile", dockerfile)]:
        original = module.read()
        for says, check, mistake in module.RULES:
            wrong += [(name, f"{says}: {it}") for it in believe(says, check, mistake, original)]
        print(f"    {name}: {len(module.RULES)} rules, each of which notices its mistake")
    for where, what in wrong:
        print(f"      {where}: {what}")
    if wrong:
        sys.exit(f"    policy: {len(wrong)} mistakes")


main()
