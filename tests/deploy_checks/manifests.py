"""Rendered manifests, and what one asks of them."""

import re

import yaml


class Manifests:
    """One overlay, rendered."""

    def __init__(self, name, resources):
        self.name, self.resources = name, resources

    @classmethod
    def read(cls, path):
        with open(path, encoding="utf-8") as it:
            return cls(path.stem, [one for one in yaml.safe_load_all(it) if one])

    def of(self, *kinds):
        return [it for it in self.resources if it["kind"] in kinds]

    def named(self, kind, name):
        return next(it for it in self.of(kind) if it["metadata"]["name"] == name)

    def workloads(self):
        return self.of("Deployment", "Job", "StatefulSet", "DaemonSet", "CronJob")

    def deployments(self):
        return self.of("Deployment")

    def config(self, container):
        """Settings of a container: its ConfigMaps' first, then its own."""
        settings = {}
        for source in container.get("envFrom", []):
            reference = source.get("configMapRef", {}).get("name")
            for it in self.of("ConfigMap"):
                if it["metadata"]["name"] == reference:
                    settings |= it["data"]
        return settings | {it["name"]: it.get("value") for it in container.get("env", [])}


def title(resource):
    return f"{resource['kind']} {resource['metadata']['name']}"


def pod(workload):
    return workload["spec"]["template"]["spec"]


def labels(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def containers(workload):
    return pod(workload)["containers"] + pod(workload).get("initContainers", [])


def selects(selector, these):
    wanted = selector.get("matchLabels", {})
    return all(these.get(key) == value for key, value in wanted.items())


def images(resource):
    """Every image that a resource names, wherever it stands."""
    if isinstance(resource, dict):
        for key, value in resource.items():
            if key in ("image", "imageName") and isinstance(value, str):
                yield value
            else:
                yield from images(value)
    elif isinstance(resource, list):
        for value in resource:
            yield from images(value)


def is_pinned(image):
    """A tag that tells a version, or a digest."""
    tag = re.search(r":([^:/@]+)(@sha256:[0-9a-f]{64})?$", image)
    return bool(tag) and any(digit in tag[1] for digit in "0123456789") and "latest" not in tag[1]


def looks_secret(value):
    """A password within a URL, or the beginning of one of our tokens."""
    return bool(re.search(r"://[^/\s:@]+:[^/\s@]+@|\brlo_[0-9A-Za-z]", str(value)))
