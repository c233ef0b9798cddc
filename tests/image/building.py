"""Builds the image without a container engine, on a base made of this machine's own Debian mirror."""

import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Kept between runs: the base, which changes only with Debian. `make clean` deletes it.
STORE = ROOT / ".matins" / "image"
BASE, IMAGE = "localhost/matins-base", "localhost/matins"
SUITE, MIRROR = "trixie", "http://deb.debian.org/debian"
#: What the base of the default build argument has, too.
PACKAGES = "python3,python3-venv,ca-certificates"
NEEDLESS = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale", "var/log")
#: With these, RUN trusts whatever stands between this machine and the registry of packages.
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
MISSING = [tool for tool in ("buildah", "debootstrap") if not shutil.which(tool)]


def buildah(*words, **options):
    """Run buildah on our own store, and return what it prints."""
    store = ["--root", STORE / "layers", "--runroot", STORE / "run", "--storage-driver", "overlay"]
    done = subprocess.run(
        ["buildah", *store, *words],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "LANG": "C"},
        **options,
    )
    assert done.returncode == 0, f"buildah {words[0]}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout.strip()


def make_base():
    """Make the base image, unless it is there."""
    if buildah("images", "--quiet", "--filter", f"reference={BASE}"):
        return
    container = buildah("from", "scratch")
    root = Path(buildah("mount", container))
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, root, MIRROR]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    for folder in NEEDLESS:
        shutil.rmtree(root / folder, ignore_errors=True)
    buildah("commit", "--rm", container, BASE)


def make_image():
    """Build the Dockerfile, and return the container that its image is mounted from."""
    secret = ["--secret", f"id=ca,src={CERTIFICATES}"] if CERTIFICATES.exists() else []
    how = ["--isolation", "chroot", "--layers=false", "--format", "docker", "--build-arg", f"BASE={BASE}"]
    buildah("build", *how, *secret, "--tag", IMAGE, ROOT)
    return buildah("from", "--pull-never", IMAGE)


def configuration():
    """Return what the Dockerfile says about how to run it: Env, User, WorkingDir, StopSignal, Cmd."""
    return json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]


def megabytes(root):
    """Return how much a file system holds, and leave it where the CI reports it from."""
    counted = subprocess.run(["du", "--summarize", "--bytes", root], check=True, capture_output=True, text=True)
    size = round(int(counted.stdout.split()[0]) / 1e6)
    (STORE / "size").write_text(f"{size} MB\n")
    return size
