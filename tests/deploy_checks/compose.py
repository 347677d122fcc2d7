"""Rules for compose.yaml that its specification does not know."""

import known
import yaml
from manifests import is_pinned, looks_secret

PATH = "deploy/docker/compose.yaml"


def read():
    return yaml.safe_load(known.text(PATH))


def hardened(it):
    for name, service in it["services"].items():
        if service.get("read_only") is not True or service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
            yield f"{name} can write to its root, or keeps capabilities"
        if "no-new-privileges:true" not in service.get("security_opt", []) or service.get("privileged"):
            yield f"{name} may gain privileges"
        if service.get("user", "0").split(":")[0] in ("0", "root"):
            yield f"{name} runs as root"


def healthy(it):
    for name, service in it["services"].items():
        if service.get("restart") == "no":
            continue
        test = service.get("healthcheck", {}).get("test", [])
        if not test:
            yield f"{name} has no health check"
        elif service["image"].startswith("relink:") and test[:3] != ["CMD", "/relink", "probe"]:
            yield f"{name} is asked by a program that is not in its image"


def whole(it):
    commands = [service.get("command") for service in it["services"].values()]
    wanted = [["worker", queue] for queue in known.queues()] + [["migrate"], ["api"], ["scheduler"], ["simulator"]]
    yield from (f"nobody runs {command}" for command in wanted if command not in commands)
    if commands.count(["scheduler"]) != 2:
        yield "there are not two schedulers"
    scraped = known.text("deploy/prometheus/prometheus.yaml")
    yield from (f"Prometheus does not ask {name}" for name, service in it["services"].items()
                if service["image"].startswith("relink:") and (service.get("command") or [""])[0] in ("worker", "scheduler", "api")
                and f"- {name}:9090" not in scraped)  # fmt: skip


def settings(it):
    for name, service in it["services"].items():
        for setting in service.get("environment", {}):
            if setting.startswith("RELINK_") and setting not in known.ACCEPTED:
                yield f"{name}: {setting}, which no process accepts"
            if setting in known.SECRETS:
                yield f"{name}: {setting} is a secret in the environment"


def mailing(it):
    """Who mails is told by what server, as whom, and with which links; the key of the links is given."""
    for name, service in it["services"].items():
        if not known.mails(service.get("command") or [""]):
            continue
        yield from (f"{name} has no {setting}" for setting in known.MAILING if not service["environment"].get(setting))
        yield from (f"{name} is not given {one}" for one in ("smtp-url", "secrets-key") if one not in service["secrets"])


def secrets(it):
    made = known.text("deploy/docker/secrets")
    for name, secret in it["secrets"].items():
        if set(secret) != {"file"} or not secret["file"].startswith("./secrets.d/"):
            yield f"{name} comes from elsewhere than a file"
        elif secret["file"].rsplit("/", 1)[1] not in made:
            yield f"deploy/docker/secrets does not make {secret['file']}"
    for name, service in it["services"].items():
        given = {one if isinstance(one, str) else one["source"] for one in service.get("secrets", [])}
        yield from (f"{name}: there is no secret {one}" for one in given - set(it["secrets"]))
        for value in service.get("environment", {}).values():
            path = str(value).removeprefix("/run/secrets/")
            if path != str(value) and path not in given:
                yield f"{name} is not given {value}"
    if looks_secret(known.text(PATH)):
        yield "a password stands in the file"


def pinned(it):
    return [f"{name}: {service['image']}" for name, service in it["services"].items() if not is_pinned(service["image"])]


def apart(it):
    if it["networks"]["servers"] != {"internal": True}:
        yield "the servers' network reaches the world"
    for name, service in it["services"].items():
        if name in ("postgres", "rabbitmq") and (service["networks"] != ["servers"] or service.get("ports")):
            yield f"{name} is reached from outside"
        yield from (f"{name} is published to the world: {port}" for port in service.get("ports", []) if not port.startswith("127.0.0.1:"))


def _service(name, **changes):
    return lambda it: it["services"][name].update(changes)


RULES = [
    ("every service is hardened", hardened, _service("api", cap_add=["NET_ADMIN"])),
    ("every service is read-only", hardened, _service("grafana", read_only=False)),
    ("every service is asked how it is", healthy, _service("worker-sends", healthcheck={"disable": True})),
    ("it is a whole fleet", whole, lambda it: it["services"].pop("worker-watches")),
    ("every setting is known", settings, lambda it: it["services"]["api"]["environment"].update(RELINK_API_ADDRESS="x")),
    ("who mails can", mailing, lambda it: it["services"]["worker-notices"]["secrets"].remove("smtp-url")),
    ("secrets are files", secrets, lambda it: it["secrets"].update({"broker-url": {"environment": "BROKER"}})),
    ("secrets are given to who reads them", secrets, _service("scheduler-1", secrets=[])),
    ("no image is latest", pinned, _service("prometheus", image="prom/prometheus")),
    ("servers are not published", apart, _service("postgres", ports=["5432:5432"])),
]
