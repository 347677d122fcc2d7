"""What every pod must be: restricted, probed, without secrets in sight, able to drain."""

import known
from manifests import containers, images, is_pinned, labels, looks_secret, pod, title
from rule import Rule

PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
# RELINK_DRAIN_SECONDS and this: to hand back what is left, and to close connections (docs/operations.md, Stopping).
MARGIN_SECONDS = 15


def restricted(overlay):
    """Pod Security's profile `restricted`, and beyond it a read-only root and a numeric user."""
    for it in overlay.workloads():
        spec, whole = pod(it), pod(it).get("securityContext", {})
        if not (whole.get("runAsNonRoot") and whole.get("runAsUser", 0) > 0 and whole.get("runAsGroup", 0) > 0):
            yield f"{title(it)} may run as root"
        if whole.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{title(it)} has no seccomp profile"
        if any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")):
            yield f"{title(it)} shares something of the node"
        for volume in spec.get("volumes", []):
            if not set(volume) - {"name"} <= {"secret", "configMap", "emptyDir", "projected"}:
                yield f"{title(it)} mounts {volume}"
        for container in containers(it):
            own = container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
                yield f"{title(it)} may gain privileges"
            if own.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{title(it)} keeps capabilities"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{title(it)} can write to its root"


def no_token(overlay):
    for it in overlay.workloads():
        if pod(it).get("automountServiceAccountToken") is not False:
            yield f"{title(it)} gets a token of the cluster's API"
        if pod(it)["serviceAccountName"] not in [one["metadata"]["name"] for one in overlay.of("ServiceAccount")]:
            yield f"{title(it)} runs as an account that is not made here"
    for it in overlay.of("ServiceAccount"):
        if it.get("automountServiceAccountToken") is not False:
            yield f"{title(it)} hands out its token"


def no_links(overlay):
    """A Service's variables begin with RELINK_, and relink refuses what it does not know."""
    return [title(it) for it in overlay.workloads() if pod(it).get("enableServiceLinks") is not False]


def probed(overlay):
    for it in overlay.deployments():
        for container in pod(it)["containers"]:
            missing = [probe for probe in PROBES if probe not in container]
            if missing:
                yield f"{title(it)} has no {missing}"
                continue
            paths = {probe: container[probe].get("httpGet", {}).get("path") for probe in PROBES}
            if paths["livenessProbe"] != "/healthz" or paths["startupProbe"] != "/healthz":
                yield f"{title(it)}: liveness asks {paths['livenessProbe']}, which needs servers"
            if paths["readinessProbe"] != "/readyz":
                yield f"{title(it)}: readiness asks {paths['readinessProbe']}"
            ports = [one.get("name") for one in container.get("ports", [])]
            if any(container[probe]["httpGet"]["port"] not in ports for probe in PROBES):
                yield f"{title(it)}: a probe asks a port that is not there"


def drains(overlay):
    for it in overlay.deployments():
        (container,) = pod(it)["containers"]
        drain = int(overlay.config(container).get("RELINK_DRAIN_SECONDS", 25))
        before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        grace = pod(it).get("terminationGracePeriodSeconds", 30)
        if grace < drain + before + MARGIN_SECONDS:
            yield f"{title(it)} is killed after {grace} s, and needs {drain} + {before} + {MARGIN_SECONDS}"


def limited(overlay):
    for it in overlay.workloads():
        for container in containers(it):
            resources = container.get("resources", {})
            if set(resources.get("requests", {})) != {"cpu", "memory"} or "memory" not in resources.get("limits", {}):
                yield f"{title(it)} has no requests, or no limit of memory"


def pinned(overlay):
    for it in overlay.resources:
        yield from (f"{title(it)}: {image}" for image in images(it) if not is_pinned(image))


def known_settings(overlay):
    for it in overlay.workloads():
        for container in containers(it):
            for name in overlay.config(container):
                if name not in known.ACCEPTED and not known.FOREIGN.match(name):
                    yield f"{title(it)}: {name}, which no process accepts"


def configured(overlay):
    """What a process needs to start is there; a secret by its file, which is mounted, and read-only."""
    for it in overlay.workloads():
        (container,) = containers(it)
        settings, needs = overlay.config(container), ["RELINK_DATABASE_URL_FILE"]
        needs += ["RELINK_AMQP_URL_FILE"] * (container["args"][0] in ("worker", "scheduler"))
        needs += ["RELINK_PROVIDER_API_KEY_FILE", "RELINK_PROVIDER_URL"] * (container["args"][0] in ("worker", "api"))
        needs += ["RELINK_SECRETS_KEY_FILE", "RELINK_PUBLIC_URL"] * (container["args"][0] == "api")
        needs += known.MAILING * known.mails(container["args"])
        yield from (f"{title(it)} has no {name}" for name in needs if not settings.get(name))
        mounts = {one["mountPath"]: one for one in container.get("volumeMounts", [])}
        for name, value in settings.items():
            if name.endswith("_FILE") and value.rsplit("/", 1)[0] not in mounts:
                yield f"{title(it)}: nothing is mounted at {value}"
        yield from (f"{title(it)}: {path} can be written" for path, one in mounts.items() if not one.get("readOnly"))


def no_secret(overlay):
    for it in overlay.resources:
        if it["kind"] == "Secret":
            yield f"{title(it)} stands in a manifest"
        if looks_secret(it):
            yield f"{title(it)} has what looks like a password"
    for it in overlay.workloads():
        for container in containers(it):
            for one in container.get("env", []):
                if "secretKeyRef" in one.get("valueFrom", {}) or one["name"] in known.SECRETS:
                    yield f"{title(it)}: {one['name']} is a secret in the environment"
            if any("secretRef" in one for one in container.get("envFrom", [])):
                yield f"{title(it)} takes secrets into the environment"


def removals_switch(overlay):
    """Off, and said aloud, unless the component was added; nobody else has it."""
    wanted = "true" if overlay.name.endswith("+removals") else "false"
    for it in overlay.deployments():
        (container,) = pod(it)["containers"]
        found = overlay.config(container).get("RELINK_REMOVALS_ENABLED")
        if found != (wanted if container["args"] == ["worker", "removals"] else None):
            yield f"{title(it)}: RELINK_REMOVALS_ENABLED is {found}"
        if "RELINK_STAND_IN_CLOCK" in overlay.config(container):
            yield f"{title(it)} lets a stand-in clock pass"


def spread(overlay):
    for it in overlay.deployments():
        keys = {one["topologyKey"] for one in pod(it).get("topologySpreadConstraints", [])}
        if keys != {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}:
            yield f"{title(it)} is spread over {sorted(keys)}"
        if labels(it).get("app.kubernetes.io/name") != it["metadata"]["name"]:
            yield f"{title(it)} is not labelled with its own name"


def _first(overlay):
    return overlay.deployments()[0]


def _container(overlay):
    return pod(_first(overlay))["containers"][0]


def _without(deployment, setting):
    def forget(overlay):
        container = pod(overlay.named("Deployment", deployment))["containers"][0]
        container["env"] = [one for one in container["env"] if one["name"] != setting]

    return forget


def _environment(name, **value):
    return lambda overlay: _container(overlay).setdefault("env", []).append({"name": name, **value})


RULES = [
    Rule("every container is restricted", restricted, lambda it: _container(it)["securityContext"].pop("capabilities")),
    Rule("every root is read-only", restricted, lambda it: _container(it)["securityContext"].update(readOnlyRootFilesystem=False)),
    Rule("nobody runs as root", restricted, lambda it: pod(_first(it))["securityContext"].update(runAsUser=0)),
    Rule("nobody gets a token", no_token, lambda it: pod(_first(it)).pop("automountServiceAccountToken")),
    Rule("no service links", no_links, lambda it: pod(_first(it)).pop("enableServiceLinks")),
    Rule("probes are there", probed, lambda it: _container(it).pop("readinessProbe")),
    Rule("liveness is not readiness", probed, lambda it: _container(it)["livenessProbe"]["httpGet"].update(path="/readyz")),
    Rule("a pod may drain", drains, lambda it: pod(_first(it)).update(terminationGracePeriodSeconds=30)),
    Rule("requests and limits", limited, lambda it: _container(it)["resources"].pop("limits")),
    Rule("no image is latest", pinned, lambda it: _container(it).update(image="registry.example.com/relink:latest")),
    Rule("every setting is known", known_settings, _environment("RELINK_WORKER_PREFECTH", value="8")),
    Rule("what is needed is set", configured, lambda it: _container(it)["env"].pop(0)),
    Rule("who mails has what mails need", configured, _without("relink-worker-notices", "RELINK_SMTP_URL_FILE")),
    Rule("what is named is mounted", configured, lambda it: _container(it)["volumeMounts"].pop(0)),
    Rule("no secret in a manifest", no_secret, _environment("RELINK_LOG", value="amqps://relink:hush@broker/")),
    Rule("no secret in the environment", no_secret, _environment("X", valueFrom={"secretKeyRef": {"name": "a", "key": "b"}})),
    Rule("the removal switch", removals_switch, _environment("RELINK_REMOVALS_ENABLED", value="true")),
    Rule("pods are spread", spread, lambda it: pod(_first(it)).pop("topologySpreadConstraints")),
]  # fmt: skip
