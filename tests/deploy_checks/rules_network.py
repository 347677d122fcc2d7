"""Who may speak with whom: nobody, but what is said."""

from urllib.parse import urlsplit

from manifests import labels, pod, selects, title
from rule import Rule


def _policies(overlay, namespace=None):
    return [it for it in overlay.of("NetworkPolicy") if namespace in (None, it["metadata"]["namespace"])]


def default_deny(overlay):
    for namespace in overlay.of("Namespace"):
        name = namespace["metadata"]["name"]
        denies = [it for it in _policies(overlay, name)
                  if it["spec"]["podSelector"] == {} and sorted(it["spec"]["policyTypes"]) == ["Egress", "Ingress"]
                  and not it["spec"].get("ingress") and not it["spec"].get("egress")]  # fmt: skip
        if not denies:
            yield f"{name} has no policy that denies everything"


def narrow(overlay):
    """A rule names who and which port; neither is left open."""
    for it in _policies(overlay):
        for side, peers in [("ingress", "from"), ("egress", "to")]:
            for rule in it["spec"].get(side, []):
                if not rule.get("ports"):
                    yield f"{title(it)}: {side} on any port"
                if not rule.get(peers) and it["metadata"]["name"] != "cluster":
                    yield f"{title(it)}: {side} with anybody"


def reaches_somebody(overlay):
    """Each rule's pods exist, and listen on the port that it names."""
    workloads = overlay.workloads()
    for it in _policies(overlay, "relink"):
        chosen = [one for one in workloads if selects(it["spec"]["podSelector"], labels(one))]
        if not chosen:
            yield f"{title(it)} is about no pod"
        for rule in it["spec"].get("ingress", []):
            for port in rule["ports"]:
                names = {p["name"] for one in chosen for c in pod(one)["containers"] for p in c.get("ports", [])}
                if port["port"] not in names:
                    yield f"{title(it)}: nobody listens on {port['port']}"


def servers_are_reached(overlay):
    """What a pod is configured to reach, it may reach; and what it needs not, it may not."""
    for it in overlay.workloads():
        (container,) = pod(it)["containers"]
        settings, ports = overlay.config(container), set()
        for policy in _policies(overlay, "relink"):
            if selects(policy["spec"]["podSelector"], labels(it)):
                ports |= {p["port"] for rule in policy["spec"].get("egress", []) for p in rule["ports"]}
        needed = {53, 5432}
        mounted = {one["name"] for one in pod(it)["volumes"]}
        needed |= {5671} if "broker" in mounted else set()
        # Submission: from the first byte in TLS, and by STARTTLS.
        needed |= {465, 587} if "mail" in mounted else set()
        if "provider" in mounted:
            url = urlsplit(settings["RELINK_PROVIDER_URL"])
            needed.add(url.port or 443)
        if ports != needed:
            yield f"{title(it)} may reach the ports {sorted(ports)} and needs {sorted(needed)}"


def private_stays_private(overlay):
    """The rule for the internet keeps the cluster, the node and the cloud's metadata out."""
    for it in _policies(overlay, "relink"):
        for rule in it["spec"].get("egress", []):
            for peer in rule["to"]:
                block = peer.get("ipBlock", {})
                if block.get("cidr") == "0.0.0.0/0" and not {"10.0.0.0/8", "169.254.0.0/16"} <= set(block.get("except", [])):
                    yield f"{title(it)} reaches private addresses"


def apart(overlay):
    """Product, operators and webhooks are let in by a rule each."""
    for name in ("product", "ops", "webhooks"):
        rules = [it for it in _policies(overlay, "relink")
                 if any(p["port"] == name for rule in it["spec"].get("ingress", []) for p in rule["ports"])]  # fmt: skip
        if len(rules) != 1 or len(rules[0]["spec"]["ingress"][0]["ports"]) != 1:
            yield f"the listener {name} shares its rule"


def namespaces(overlay):
    wanted = {"relink": "restricted", "relink-servers": "baseline"}
    for it in overlay.of("Namespace"):
        found = it["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce")
        if found != wanted[it["metadata"]["name"]]:
            yield f"{title(it)} enforces {found}"
    for it in overlay.resources:
        if it["kind"] != "Namespace" and it["metadata"].get("namespace") not in wanted:
            yield f"{title(it)} is in no namespace of ours"


def _policy(overlay, name):
    return overlay.named("NetworkPolicy", name)["spec"]


RULES = [
    Rule("everything is denied first", default_deny, lambda it: it.resources.remove(it.named("NetworkPolicy", "default-deny"))),
    Rule("each rule is narrow", narrow, lambda it: _policy(it, "metrics")["ingress"][0].pop("from")),
    Rule("each rule is about somebody", reaches_somebody, lambda it: _policy(it, "api-ops")["ingress"][0]["ports"][0].update(port="opps")),
    Rule("servers are reached", servers_are_reached, lambda it: it.resources.remove(it.named("NetworkPolicy", "broker"))),
    Rule("the provider's port is its URL's", servers_are_reached, lambda it: _policy(it, "provider")["egress"][0]["ports"][0].update(port=443)),
    Rule("mails have a way out", servers_are_reached, lambda it: it.resources.remove(it.named("NetworkPolicy", "mail"))),
    Rule("what is private stays so", private_stays_private, lambda it: _policy(it, "provider")["egress"][0]["to"][0]["ipBlock"].pop("except")),
    Rule("listeners are apart", apart, lambda it: _policy(it, "api-ops")["ingress"][0]["ports"].append({"port": "product"})),
    Rule("namespaces are restricted", namespaces, lambda it: it.named("Namespace", "relink")["metadata"].pop("labels")),
]  # fmt: skip
