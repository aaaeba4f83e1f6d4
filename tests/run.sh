#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. See usage below.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tests/support/setup.sh"

usage() {
  cat <<END
usage: bash tests/run.sh [--quick] [-h]

Runs all of graft's tests from any working folder:
  1. installs missing Debian packages with apt-get (through sudo unless root)
  2. builds tests and examples in build/ and runs every test
  3. builds and runs the tests again with AddressSanitizer and UndefinedBehaviorSanitizer, in build-sanitize/
  4. builds and runs the tests tagged [threads] with ThreadSanitizer, in build-thread/
The last line says how many test cases passed and failed over all runs; the exit status is 0 if none failed.

  --quick   only 1 and 2
  -h        this text

One test by hand: ctest --test-dir build -R layers    or    build/tests/layers_tests "[conv2d]"
END
}

# Adds up a ctest run from its log: the test cases that Catch2 and unittest report, one for any other test, and one failure
# for a program that ended badly without reporting any.
count_cases() {
  local logs=$1/Testing/Temporary
  touch "$logs/LastTestsFailed.log"
  awk '
    FILENAME ~ /LastTestsFailed/ { sub(/^[0-9]+:/, ""); bad[$0] = 1; next }
    function finish() {
      if (name == "") return
      if (!known) passes = !(name in bad)
      if (name in bad && fails == 0) fails = 1
      passed += passes; failed += fails
    }
    /^[0-9]+\/[0-9]+ Testing: / { finish(); name = $3; known = passes = fails = 0 }
    /^All tests passed \(.* test cases?\)/ { known = 1; passes = $(NF - 2) }
    /^test cases:/ {
      known = 1
      for (i = 3; i <= NF; ++i) if ($i == "passed") passes = $(i - 1); else if ($i == "failed") fails += $(i - 1)
    }
    /^Ran [0-9]+ tests? in / { known = 1; passes = $2 }
    /^FAILED \((failures|errors)=/ {
      for (i = 2; i <= NF; ++i) if ($i ~ /(failures|errors)=/) { gsub(/[^0-9]/, "", $i); fails += $i; passes -= $i }
    }
    END { finish(); print passed + 0, failed + 0 }
  ' "$logs/LastTestsFailed.log" "$logs/LastTest.log"
}

total_passed=0
total_failed=0

# run_suite TITLE FOLDER OPTION...: builds in FOLDER and runs its tests under the command in the array `launcher`.
run_suite() {
  local title=$1 folder=$root/$2 passed=0 failed=0 began=$SECONDS
  shift 2
  say "$title: building in ${folder#"$root"/}/"
  if configure_and_build "$folder" -DGRAFT_BUILD_TESTS=ON "$@"; then
    say "$title: running the tests"
    rm -f "$folder"/Testing/Temporary/LastTest*.log
    local built=$SECONDS
    "${launcher[@]}" ctest --test-dir "$folder" --output-on-failure --no-tests=ignore --parallel "$(nproc)"
    local status=$?
    read -r passed failed < <(count_cases "$folder")
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    echo "$title: $passed passed, $failed failed; building took $((built - began)) s, running $((SECONDS - built)) s"
  else
    failed=1
    echo "$title: the build failed"
  fi
  total_passed=$((total_passed + passed))
  total_failed=$((total_failed + failed))
}

quick=no
for argument in "$@"; do
  case $argument in
    --quick) quick=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

install_missing g++=g++ cmake=cmake ninja=ninja-build git=git python3=python3 libeigen3-dev nlohmann-json3-dev libstb-dev \
  libcli11-dev catch2 pkg-config=pkg-config libhdf5-dev libzip-dev || exit 1
python3 -c 'import numpy' 2>/dev/null || install_missing python3-numpy || exit 1

launcher=(env)
run_suite "Plain" build -DGRAFT_BUILD_EXAMPLES=ON -DGRAFT_SANITIZE= -DGRAFT_WARNINGS_AS_ERRORS=ON
if [ "$quick" = no ]; then
  export UBSAN_OPTIONS=print_stacktrace=1
  run_suite "Address and undefined behaviour" build-sanitize -DGRAFT_BUILD_EXAMPLES=OFF -DGRAFT_SANITIZE=address,undefined
  # GCC 12's ThreadSanitizer does not start where the kernel randomizes more address bits than it knows: ask for none.
  if setarch "$(uname -m)" -R true 2>/dev/null; then launcher=(setarch "$(uname -m)" -R); fi
  run_suite "Threads" build-thread -DGRAFT_BUILD_EXAMPLES=OFF -DGRAFT_SANITIZE=thread
fi

say "All runs took $((SECONDS / 60)) min $((SECONDS % 60)) s"
echo "$total_passed passed, $total_failed failed"
[ "$total_failed" -eq 0 ]
