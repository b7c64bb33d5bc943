#!/usr/bin/env bash
# fetch.sh DIRECTORY: Debian's source packages that the tests of real programs are built from, each
# unpacked as DIRECTORY/<package>. What is there already stays. Called by ./dev setup.
set -euo pipefail
packages=(bzip2 expat giflib libwebp lua5.4 sqlite3 zlib)

mkdir -p "$1"
cd "$1"
for package in "${packages[@]}"; do
  [[ -d $package ]] && continue
  rm -rf .unpack
  mkdir .unpack
  # apt drops its rights for the download where the directory allows it, which a build folder need
  # not; that is only a warning.
  if ! (cd .unpack && apt-get source -qq --only-source -o APT::Sandbox::User=root "$package" \
    >../.log 2>&1); then
    cat .log >&2
    echo "no source package $package: does apt have a deb-src entry for bookworm?" >&2
    exit 1
  fi
  unpacked=(.unpack/*/)
  mv "${unpacked[0]}" "$package"
  rm -rf .unpack .log
done
