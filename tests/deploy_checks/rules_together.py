"""What only the whole shows: queues, disruption, autoscaling, connections, references, documentation."""

import re

import known
from manifests import containers, labels, pod, selects, title
from rule import Rule

# Of max_connections, for people and for the server itself.
KEPT_CONNECTIONS = 20
# Beside the pool: a scheduler listens on one more and waits for the lead on another, a worker gives its signs of life over one.
EXTRA = {"scheduler": 2, "worker": 1}


def queues_have_workers(overlay):
    served = [it for it in overlay.deployments() if containers(it)[0]["args"][0] == "worker"]
    by_queue = {queue: [it for it in served if queue in containers(it)[0]["args"][1:]] for queue in known.queues()}
    yield from (f"nobody works on {queue}" for queue, them in by_queue.items() if not them)
    for it in served:
        yield from (f"{title(it)}: there is no queue {q}" for q in containers(it)[0]["args"][1:] if q not in by_queue)


def queues_are_scaled(overlay):
    for queue in known.queues():
        scaled = [it for it in overlay.of("ScaledObject") if it["spec"]["scaleTargetRef"]["name"] == f"relink-worker-{queue}"]
        if len(scaled) != 1:
            yield f"{queue} has {len(scaled)} ScaledObjects"
            continue
        spec = scaled[0]["spec"]
        if spec["triggers"][0]["metadata"]["query"] != f"select relink.autoscaler_age('{queue}')":
            yield f"{title(scaled[0])} asks for another queue: {spec['triggers'][0]['metadata']['query']}"
        if spec["minReplicaCount"] < 1 or spec["fallback"]["replicas"] < 1:
            yield f"{title(scaled[0])} may scale to nothing"
        if "replicas" in overlay.named("Deployment", f"relink-worker-{queue}")["spec"]:
            yield f"relink-worker-{queue} states its replicas: each apply would undo the scaling"


def disruption(overlay):
    for it in overlay.deployments():
        budgets = [one for one in overlay.of("PodDisruptionBudget") if selects(one["spec"]["selector"], labels(it))]
        if len(budgets) != 1 or budgets[0]["spec"].get("maxUnavailable", 0) < 1:
            yield f"{title(it)} has no budget, or one that blocks a node's drain"


def two_schedulers(overlay):
    if overlay.named("Deployment", "relink-scheduler")["spec"].get("replicas") != 2:
        yield "there are not two schedulers"


def services_lead_somewhere(overlay):
    for it in overlay.of("Service"):
        ports = {port["name"] for one in overlay.deployments() if selects({"matchLabels": it["spec"]["selector"]}, labels(one))
                 for container in containers(one) for port in container["ports"]}  # fmt: skip
        yield from (f"{title(it)}: nobody listens on {p['targetPort']}" for p in it["spec"]["ports"] if p["targetPort"] not in ports)
    names = {it["metadata"]["name"] for it in overlay.of("Service")}
    yield from (f"there is no Service {name}" for name in {f"relink-api-{x}" for x in ("product", "ops", "webhooks")} - names)


def _most(overlay, name):
    """Pods of a Deployment at the most, with the one more of a roll-out."""
    scaled = [it["spec"]["maxReplicaCount"] for it in overlay.of("ScaledObject") if it["spec"]["scaleTargetRef"]["name"] == name]
    scaled += [it["spec"]["maxReplicas"] for it in overlay.of("HorizontalPodAutoscaler") if it["spec"]["scaleTargetRef"]["name"] == name]
    return (scaled or [overlay.named("Deployment", name)["spec"].get("replicas", 1)])[0] + 1


def connections_asked(overlay):
    """Of all pools, when each Deployment has its most pods and rolls."""
    total = 0
    for it in overlay.deployments():
        pool = int(overlay.config(containers(it)[0]).get("RELINK_DATABASE_CONNECTIONS", 16))
        total += _most(overlay, it["metadata"]["name"]) * (pool + EXTRA.get(containers(it)[0]["args"][0], 0))
    return total


def connections_suffice(overlay):
    there = int(overlay.named("Cluster", "relink-postgres")["spec"]["postgresql"]["parameters"]["max_connections"])
    asked = connections_asked(overlay)
    if asked > there - KEPT_CONNECTIONS:
        yield f"pools may ask for {asked} connections, and there are {there} less {KEPT_CONNECTIONS}"


def documented(overlay):
    """Each secret and ConfigMap that somebody must make by hand has its row in docs/operations.md."""
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", known.text("docs/operations.md"), re.M))
    made = {it["metadata"]["name"] for it in overlay.of("ConfigMap")}
    for it in overlay.resources:
        for kind, name in _references(it):
            if name not in rows | made:
                yield f"{title(it)} needs the {kind} {name}, which docs/operations.md does not tell how to make"


def _references(resource):
    if isinstance(resource, dict):
        for key, value in resource.items():
            if key == "secretName":
                yield "secret", value
            elif key in ("secretTargetRef",):
                yield from (("secret", one["name"]) for one in value)
            elif key in ("accessKeyId", "secretAccessKey"):
                yield "secret", value["name"]
            elif key in ("configMap", "configMapRef"):
                yield "ConfigMap", value["name"]
            else:
                yield from _references(value)
    elif isinstance(resource, list):
        for value in resource:
            yield from _references(value)


def watched(overlay):
    for monitor in overlay.of("PodMonitor"):
        for it in overlay.deployments():
            ports = {p["name"] for p in containers(it)[0]["ports"]}
            if not selects(monitor["spec"]["selector"], labels(it)) or monitor["spec"]["podMetricsEndpoints"][0]["port"] not in ports:
                yield f"{title(it)} is not watched"


def safe_servers(overlay):
    cluster = overlay.named("Cluster", "relink-postgres")["spec"]
    if cluster["instances"] < 3 or cluster["postgresql"]["synchronous"].get("dataDurability") != "required":
        yield "a commit may be lost with one PostgreSQL node"
    if not any(it["spec"]["cluster"]["name"] == "relink-postgres" for it in overlay.of("ScheduledBackup")):
        yield "nobody backs up PostgreSQL"
    broker = overlay.named("RabbitmqCluster", "relink-rabbitmq")["spec"]
    if broker["replicas"] < 3 or not broker["tls"]["disableNonTLSListeners"]:
        yield "RabbitMQ has fewer than three nodes, or listens without TLS"


def _has(kind):
    return lambda overlay: bool(overlay.of(kind))


def _drop(kind, name):
    return lambda it: it.resources.remove(it.named(kind, name))


RULES = [
    Rule("each queue has a Deployment", queues_have_workers, _drop("Deployment", "relink-worker-confirmations")),
    Rule("no worker names a queue that is not there", queues_have_workers, lambda it: containers(it.named("Deployment", "relink-worker-sends"))[0]["args"].append("sent")),
    Rule("each queue has a ScaledObject", queues_are_scaled, _drop("ScaledObject", "relink-worker-removals"), _has("ScaledObject")),
    Rule("a ScaledObject asks for its own queue", queues_are_scaled, lambda it: it.of("ScaledObject")[0]["spec"]["triggers"][0]["metadata"].update(query="select relink.autoscaler_age('x')"), _has("ScaledObject")),
    Rule("what is scaled states no replicas", queues_are_scaled, lambda it: it.named("Deployment", "relink-worker-sends")["spec"].update(replicas=1), _has("ScaledObject")),
    Rule("each Deployment has a disruption budget", disruption, _drop("PodDisruptionBudget", "relink-api")),
    Rule("two schedulers", two_schedulers, lambda it: it.named("Deployment", "relink-scheduler")["spec"].update(replicas=1)),
    Rule("Services lead somewhere", services_lead_somewhere, lambda it: it.of("Service")[0]["spec"]["ports"][0].update(targetPort="web")),
    Rule("connections suffice", connections_suffice, lambda it: it.named("ConfigMap", _config(it))["data"].update(RELINK_DATABASE_CONNECTIONS="32"), _has("Cluster")),
    Rule("what is made by hand is documented", documented, lambda it: pod(it.deployments()[0])["volumes"].append({"name": "x", "secret": {"secretName": "unheard-of"}})),
    Rule("every Deployment is watched", watched, lambda it: it.of("PodMonitor")[0]["spec"]["podMetricsEndpoints"][0].update(port="metrics"), _has("PodMonitor")),
    Rule("servers survive a node", safe_servers, lambda it: it.named("Cluster", "relink-postgres")["spec"].update(instances=1), _has("Cluster")),
]  # fmt: skip


def _config(overlay):
    return next(it["metadata"]["name"] for it in overlay.of("ConfigMap") if it["metadata"]["name"].startswith("relink-"))
