#!/usr/bin/env bash
# Installs what is missing, builds the examples, and fine-tunes VGG16. See usage below.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/support/setup.sh"

usage() {
  cat <<END
usage: bash examples/run.sh [OPTION...]

Fine-tunes VGG16 on the photos in examples/data/photos, from any working folder:
  1. installs missing Debian packages with apt-get (through sudo unless root)
  2. builds the examples in build-examples/
  3. runs 40_finetune_vgg16 with the options given here

  -h        this text; the program's own options: bash examples/run.sh --help
END
}

if [ "${1-}" = -h ]; then
  usage
  exit 0
fi

install_missing g++=g++ cmake=cmake ninja=ninja-build libeigen3-dev nlohmann-json3-dev libstb-dev libcli11-dev
say "Building the examples in build-examples/"
configure_and_build "$root/build-examples" -DGRAFT_BUILD_TESTS=OFF -DGRAFT_BUILD_EXAMPLES=ON

programs=$root/build-examples/examples
say "Running 40_finetune_vgg16 $*"
"$programs/40_finetune_vgg16" "$@"

say "The other examples (each says with --help what it can do):"
for program in "$programs"/[0-9]*_*; do
  if [ -f "$program" ] && [ -x "$program" ] && [ "${program##*/}" != 40_finetune_vgg16 ]; then echo "$program"; fi
done
