#!/usr/bin/env bash
# Runs the compiled loop's tests on a build with address and undefined-behaviour sanitizers (GCC):
# tools/sanitize.sh PYTHON. The copy that it builds is thrown away.
set -euo pipefail

python=$(realpath --no-symlinks "$1")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r src tests setup.py pyproject.toml README.md LICENSE "$copy"
cd "$copy"
find src -name '*.so' -delete
flags="-fsanitize=address,undefined -fno-omit-frame-pointer -g"
CFLAGS="$flags" LDFLAGS="$flags" "$python" setup.py --quiet build_ext --inplace

export LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1,print_stacktrace=1 # Python leaks
PYTHONPATH="$copy/src" "$python" -m pytest -q -s -p no:cacheprovider tests/contracts tests/engine tests/training/test_loop.py tests/training/test_evaluator.py
