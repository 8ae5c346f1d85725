# Sourced by the build scripts. Sets mirror and security_mirror: from DEBIAN_MIRROR and
# DEBIAN_SECURITY_MIRROR, else from the build machine's own apt configuration.
# shellcheck shell=sh
apt_uri() {
  # $1: the label that the archive's Release file carries
  apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
    sed -n "s/^$1|//p" | sed -n 1p
}
mirror=${DEBIAN_MIRROR:-$(apt_uri Debian)}
security_mirror=${DEBIAN_SECURITY_MIRROR:-$(apt_uri Debian-Security)}
if [ -z "$mirror" ] || [ -z "$security_mirror" ]; then
  echo "No Debian mirror in this machine's apt configuration (try apt-get update); set DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR." >&2
  exit 1
fi
suite=trixie

# debian_root FOLDER PACKAGES [mmdebstrap options]: a minimal Debian in FOLDER.
debian_root() {
  root_folder=$1 root_packages=$2
  shift 2
  rm -rf "$root_folder"
  mmdebstrap --quiet --variant=minbase --mode=root --components=main --include="$root_packages" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-include=/usr/share/locale/locale.alias' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    "$@" "$suite" "$root_folder" \
    "deb $mirror $suite main" "deb $mirror $suite-updates main" \
    "deb $security_mirror $suite-security main"
}
