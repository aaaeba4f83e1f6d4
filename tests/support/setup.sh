# Sourced by tests/run.sh and examples/run.sh: what both need to get from a fresh machine to built programs.

say() { printf '\n== %s\n' "$*"; }

# Installs the Debian packages among the arguments that are missing. An argument is a package, or command=package for a
# tool that may have come another way.
install_missing() {
  local wanted missing=() administrator=()
  for wanted in "$@"; do
    if [[ $wanted == *=* ]]; then
      command -v "${wanted%%=*}" >/dev/null || missing+=("${wanted#*=}")
    elif command -v dpkg-query >/dev/null; then
      dpkg-query -W -f '${Status}\n' "$wanted" 2>/dev/null | grep -q '^install ok installed' || missing+=("$wanted")
    fi
  done
  if [ ${#missing[@]} -eq 0 ]; then
    say "Everything needed is installed"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]}. This script installs with apt-get only; please install what these Debian packages hold." >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    administrator=(sudo)
    if ! command -v sudo >/dev/null; then
      echo "Missing packages, and neither root nor sudo. As root, run: apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    administrator+=(DEBIAN_FRONTEND=noninteractive)
  fi
  say "Installing with apt-get: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  "${administrator[@]}" apt-get update -qq || echo "apt-get update failed; going on with the package lists at hand" >&2
  "${administrator[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# How many compilers to run at once: one a core, but no more than fit into memory at 2 GB each.
build_jobs() {
  local cores fit limit
  cores=$(nproc)
  fit=$(awk '/^MemAvailable:/ { print int($2 / 2000000) }' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
  if [ "$limit" != max ] && [ $((limit / 2000000000)) -lt "$fit" ]; then fit=$((limit / 2000000000)); fi
  if [ "$fit" -lt 1 ]; then fit=1; fi
  echo $((fit < cores ? fit : cores))
}

# configure_and_build FOLDER OPTION...: options are CMake's.
configure_and_build() {
  local folder=$1
  shift
  cmake -S "$root" -B "$folder" "$@" >"$folder.log" 2>&1 || { cat "$folder.log"; return 1; }
  rm -f "$folder.log"
  cmake --build "$folder" --parallel "$(build_jobs)"
}

export CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja}  # a build folder made by another generator keeps it
