#!/bin/bash
# Downloads the Debian packages that the machine is made of, and what they depend on, into the folder $1 and unpacks them.
# Installs nothing. The packages are those of the Debian on this host, whose libraries they use.
set -euo pipefail
mkdir -p "$1"
root=$(realpath "$1")
exec 9> "$root.lock"
flock 9 # two runs at a time share one folder
cmp --quiet "$0" "$root/complete" && exit 0 # an older list of packages would lack one
rm -rf "$root"
mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root/archives/partial"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
download() {
  apt-get install --reinstall --download-only --yes --quiet=2 --no-install-recommends \
    -o Acquire::Retries=3 -o "Dir::Cache::Archives=$root/archives" \
    user-mode-linux kmod nfs-common stunnel4 nfs-ganesha nfs-ganesha-vfs
}
# Without lists, or with old ones, the first try finds nothing.
if ! download 2> /dev/null; then
  apt-get update --quiet=2 -o Acquire::Retries=3
  download
fi
for archive in "$root"/archives/*.deb; do # drivers are most of the size, and the machine has none of that hardware
  dpkg-deb --fsys-tarfile "$archive" | tar -x --keep-directory-symlink -C "$root" \
    --exclude='./usr/share/*' --exclude='./usr/lib/uml/modules/*/kernel/drivers' --exclude='./usr/lib/uml/modules/*/kernel/sound'
done
rm -rf "$root/archives"
cp "$0" "$root/complete"
