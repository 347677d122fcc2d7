"""Rules for the Dockerfile beyond hadolint's."""

import re

import known


def read():
    """Its text within a list, so that a copy can be broken."""
    return [known.text("deploy/docker/Dockerfile")]


def _stages(it):
    return re.split(r"(?m)^FROM ", it[0])[1:]


def empty_image(it):
    last = _stages(it)[-1]
    if not last.startswith("scratch\n"):
        yield "the image has more in it than the program"
    if re.search(r"(?m)^(RUN|ADD) ", last):
        yield "the last stage does more than copy"
    if not re.search(r"(?m)^USER [1-9][0-9]*:[1-9][0-9]*$", last):
        yield "the user is not a number above 0"
    if not re.search(r'(?m)^ENTRYPOINT \["/relink"\]$', last):
        yield "it is started through a shell"
    if "ca-certificates.crt" not in it[0]:
        yield "there are no certificates in it"


def built_as_tested(it):
    """The same link as tests/static_binary tries."""
    wanted = "-- -C target-feature=+crt-static"
    if it[0].count(wanted) != 1 or wanted not in known.text("tests/static_binary"):
        yield "it is not linked as tests/static_binary links it"
    if "objcopy --strip-debug" not in it[0] or "objcopy --strip-debug" not in known.text("tests/static_binary"):
        yield "it is not stripped as tests/static_binary strips it"
    if "--release --locked" not in it[0]:
        yield "it is not built from the lock file"
    channel = re.search(r'channel = "(.*?)"', known.text("rust-toolchain.toml"))[1]
    if f"FROM rust:{channel}-" not in it[0] or f"RUSTUP_TOOLCHAIN={channel}\n" not in it[0]:
        yield f"it is not built by Rust {channel}"


def nothing_leaks(it):
    ignored = known.text("deploy/docker/Dockerfile.dockerignore").splitlines()
    if "*" not in ignored or any("deploy" in line or "secrets" in line for line in ignored if line.startswith("!")):
        yield "the context has more in it than the build reads"
    yield from (f"a secret would be in a layer: {line}" for line in it[0].splitlines() if re.match(r"(ARG|ENV) .*(KEY|TOKEN|PASSWORD|SECRET)", line))


def _instead(old, new):
    def mistake(it):
        assert old in it[0], old
        it[0] = it[0].replace(old, new)

    return mistake


RULES = [
    ("the image is empty but for the program", empty_image, _instead("FROM scratch", "FROM debian:12-slim")),
    ("its user is a number", empty_image, _instead("USER 65532:65532", "USER relink")),
    ("it is built as it is tested", built_as_tested, _instead("-- -C target-feature=+crt-static", "")),
    ("it is stripped as it is tested", built_as_tested, _instead("objcopy --strip-debug", "cp")),
    ("it is built by the compiler that is tested", built_as_tested, _instead("rust:1.95.0", "rust:1.94.0")),
    ("nothing leaks into a layer", nothing_leaks, _instead("WORKDIR /build", "ARG REGISTRY_TOKEN")),
]
