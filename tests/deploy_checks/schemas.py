"""Holds rendered manifests against schemas: Kubernetes' own for two versions, ours for operators' resources."""

import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

# The oldest that has all that the manifests use (preStop.sleep, matchLabelKeys), and the newest that has schemas.
VERSIONS = ("1.30", kubernetes_validate.latest_version())
OURS = {
    (schema["properties"]["apiVersion"]["const"], schema["properties"]["kind"]["const"]): schema
    for schema in map(json.loads, (it.read_text() for it in pathlib.Path("deploy/kubernetes/schemas").glob("*.json")))
}


def wrong_of(resource):
    """What a schema says against it; no schema at all is wrong too."""
    known = OURS.get((resource["apiVersion"], resource["kind"]))
    if known:
        for error in jsonschema.Draft202012Validator(known).iter_errors(resource):
            yield f"{error.json_path}: {error.message}"
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{version}: {'.'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError:
            yield f"{version}: there is no schema for {resource['apiVersion']} {resource['kind']}"


def self_test():
    """Each validator refuses what is wrong: a check that cannot fail proves nothing."""
    meta = {"name": "x"}
    bad = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"replicas": "two"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"prots": []}},
        {"apiVersion": "v1", "kind": "Nothing", "metadata": meta},
    ]
    bad += [
        {"apiVersion": api, "kind": kind, "metadata": meta, "spec": {"unknown": 1}} for api, kind in OURS
    ]
    silent = [it["kind"] for it in bad if not list(wrong_of(it))]
    if silent:
        sys.exit(f"    schemas accept what is wrong: {silent}")


def main():
    self_test()
    failed = 0
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as text:
            resources = [it for it in yaml.safe_load_all(text) if it]
        kinds = sum((it["apiVersion"], it["kind"]) in OURS for it in resources)
        print(f"    {pathlib.Path(name).name}: {len(resources)} resources ({kinds} of operators), Kubernetes {VERSIONS}")
        for resource in resources:
            for wrong in wrong_of(resource):
                failed += 1
                print(f"      {resource['kind']} {resource['metadata']['name']}: {wrong}")
    sys.exit(failed and f"    schemas: {failed} mistakes")


main()
