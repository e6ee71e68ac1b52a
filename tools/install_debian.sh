#!/bin/sh
# Installs what some tests need beside Python's packages, on Debian and its relatives; run as root.
# Without them those tests are skipped; with CHAINRULE_REQUIRE_TOOLS set they fail instead.
set -eu

PACKAGES="texlive-latex-base"

command -v apt-get >/dev/null || { echo "error: apt-get is missing: install $PACKAGES by hand" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "error: only root may install packages: run 'sudo $0'" >&2; exit 2; }
apt-get update
apt-get install --yes --no-install-recommends $PACKAGES
