#!/usr/bin/env bash
# Installs the peers, builds graft's side, and measures both. See usage below.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/support/setup.sh"

usage() {
  cat <<END
usage: bash tests/benchmark/run.sh [--venv PATH] [--build FOLDER] [OPTION...]

Measures graft beside Keras on TensorFlow, onnxruntime, torch and Eigen, in turn, from any working folder:
  1. installs missing Debian packages with apt-get (through sudo unless root)
  2. installs the peers in a virtual environment in the build folder
  3. builds graft's programs in Release with plain -O2
  4. measures, and writes results.md and results.json into the build folder

  --venv PATH      a virtual environment that has the peers of requirements.txt; nothing is installed in it
  --build FOLDER   the build folder, build-benchmark unless given
  --list           the rows
  --rows A,B*      only these rows
  --data FOLDER    photos for the recipe: train/ and val/, or a folder per class; without it the recipe is left out
  --rounds N       measurements per program, 5 unless given
  --threads N      2 unless given
  --isa avx2       hold every side to AVX2
  --output NAME    NAME.md and NAME.json instead of results.md and results.json

All rows take about an hour and a half on two cores, most of it the recipe in Keras; --rows chooses. The machine should
have nothing else to do.
END
}

venv='' build=$root/build-benchmark options=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --venv) venv=$(realpath "${2:?--venv needs a path}"); shift 2 ;;
    --build) build=$(realpath -m "${2:?--build needs a folder}"); shift 2 ;;
    *) options+=("$1"); shift ;;
  esac
done

install_missing g++=g++ cmake=cmake ninja=ninja-build python3=python3 libeigen3-dev nlohmann-json3-dev libstb-dev \
  catch2 binutils
if [ -z "$venv" ]; then
  venv=$build/venv
  if [ ! -e "$venv/.complete" ]; then
    say "Installing the peers in ${venv#"$root"/}"
    python3 -c 'import ensurepip' 2>/dev/null || install_missing python3-venv
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet -r "$root/tests/benchmark/requirements.txt"
    # Only torch's CPU build: the package's other builds bring gigabytes of CUDA.
    "$venv/bin/pip" install --quiet torch==2.13.0+cpu || echo "No CPU build of torch at hand: none in the table."
    touch "$venv/.complete"
  fi
fi

say "Building graft's programs in ${build#"$root"/}"
unset CXXFLAGS
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DGRAFT_BUILD_TESTS=ON -DGRAFT_BUILD_EXAMPLES=OFF >/dev/null
cmake --build "$build" --target benchmarks --parallel "$(build_jobs)"

say "Measuring"
exec "$venv/bin/python" -B "$root/tests/benchmark/benchmark.py" --build "$build" ${options[@]+"${options[@]}"}
