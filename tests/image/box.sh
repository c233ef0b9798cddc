#!/bin/sh
# Runs a command of an image as Fargate does: the root read-only, /tmp to write to, the image's own user, and no variable
# but those given. A signal to this process reaches the command. As root:
#   unshare --mount --propagation private box.sh ROOT SOCKETS USER FOLDER [NAME=VALUE …] COMMAND …
set -eu
root=$1 sockets=$2 user=$3 folder=$4
shift 4
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t tmpfs tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
# Where the tests' Postgres listens, under the same name.
mkdir "$root$sockets"
mount --bind "$sockets" "$root$sockets"
exec chroot --userspec="$user" "$root" env -i --chdir="$folder" "$@"
