#!/usr/bin/env bash
# Builds the kernels' tests for arm64 with Debian's cross compiler and runs them in qemu: the baseline path, as any
# processor without AVX2 takes it. Not part of run.sh. Takes about 10 minutes on two cores.
#   bash tests/arm64.sh [NAME...]      only tests/ops/NAME_test.cpp
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/support/setup.sh"
install_missing aarch64-linux-gnu-g++=g++-aarch64-linux-gnu qemu-aarch64=qemu-user libeigen3-dev catch2

build=$root/build-arm64
mkdir -p "$build"
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for file in "$root"/tests/ops/*_test.cpp; do names+=("$(basename "$file" _test.cpp)"); done
fi
compile() { aarch64-linux-gnu-g++ -std=c++20 -O1 -I"$root/include" -I"$root/tests" -isystem /usr/include/eigen3 "$@"; }
say "Building ${#names[@]} test programs in build-arm64/"
compile -c "$root/tests/support/main.cpp" -o "$build/main.o"
export -f compile
export root build
printf '%s\n' "${names[@]}" |
  xargs -P "$(build_jobs)" -I NAME bash -c 'compile -static -pthread "$root/tests/ops/NAME_test.cpp" "$build/main.o" -o "$build/NAME"'

failed=0
for name in "${names[@]}"; do
  echo "$name:"
  qemu-aarch64 "$build/$name" | tail -n 2 | head -n 1
  if [ "${PIPESTATUS[0]}" -ne 0 ]; then failed=1; fi
done
exit $failed
