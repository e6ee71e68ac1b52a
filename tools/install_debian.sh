#!/usr/bin/env bash
# Installs the Debian packages that some tests use: a browser for the pages, LaTeX, and Node.js for
# the pages' scripts, unless it is there from elsewhere.
# Without them those tests are skipped; with CHAINRULE_REQUIRE_TOOLS=1 they fail instead.
set -euo pipefail

packages=(chromium texlive-latex-base)
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || { echo "error: no apt-get here: install ${missing[*]} in your system's way"; exit 2; }
[ "$(id -u)" = 0 ] || { echo "error: installing ${missing[*]} needs root: sudo bash tools/install_debian.sh"; exit 2; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --no-install-recommends "${missing[@]}"
