#!/bin/sh
# Runs the library on this machine's GPU: ./run.sh [test | bench] [OPTIONS]; both, if nothing is said. Options are the
# benchmark's: --quick, --json FILE, and --peak GFLOP/S and --bandwidth GB/S of the card, to be compared with.
# GRADBOOK_SOFTWARE=1 goes to the driver that the CPU emulates at once.
# Needs nothing but a shell, sed and the commonest commands, and a driver for Vulkan where there is a GPU.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
trap 'exit 130' INT TERM

folders="/usr/lib/x86_64-linux-gnu /lib/x86_64-linux-gnu /usr/lib64 /lib64 /usr/lib /lib /usr/local/lib \
/usr/local/nvidia/lib64 /usr/local/nvidia/lib /usr/lib/nvidia /usr/lib/x86_64-linux-gnu/nvidia/current"

# Prints where a shared library lies; nothing where the machine has none.
find_library() {
  for folder in $(echo "${LD_LIBRARY_PATH:-}" | sed 's/:/ /g') $folders; do
    if [ -e "$folder/$1" ]; then
      echo "$folder/$1"
      return
    fi
  done
  for ldconfig in /sbin/ldconfig /usr/sbin/ldconfig; do
    if [ -x "$ldconfig" ]; then
      "$ldconfig" -p 2>/dev/null | sed -n "s|^[[:space:]]*$1 (.*x86-64.* => ||p" | sed -n 1p
      return
    fi
  done
}

# The archive's libraries stand in for those alone that the machine lacks: its driver is made for its own.
mkdir "$temporary/libraries"
for library in "$here"/libraries/*; do
  name=${library##*/}
  [ -n "$(find_library "$name")" ] || ln -s "$library" "$temporary/libraries/$name"
done
paths=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}
for folder in /usr/local/nvidia/lib64 /usr/local/nvidia/lib; do
  if [ -d "$folder" ]; then paths=$paths$folder:; fi
done
# The system's loader may not look there; folders of its own come first.
export LD_LIBRARY_PATH="$paths$temporary/libraries"

# Whether a GPU answers with the driver that VK_DRIVER_FILES names, or with those that the loader finds by itself.
answers() {
  "$here/bin/node" "$here/programs/adapter.mjs" --hardware >>"$temporary/log" 2>&1
}

# Writes down where a driver lies, as its package would have done.
describe_driver() {
  echo "{ \"file_format_version\": \"1.0.0\", \"ICD\": { \"library_path\": \"$1\", \"api_version\": \"1.3.204\" } }" \
    >"$temporary/driver.json"
  echo "$temporary/driver.json"
}

# Settles on a driver: the machine's own; NVIDIA's, of which containers are often given the libraries alone; SwiftShader.
choose_driver() {
  if [ -z "${GRADBOOK_SOFTWARE:-}" ]; then
    if answers; then return; fi
    unset VK_DRIVER_FILES VK_ICD_FILENAMES
    for file in /usr/local/nvidia/share/vulkan/icd.d/*.json; do
      [ -e "$file" ] || continue
      export VK_DRIVER_FILES="$file"
      if answers; then return; fi
    done
    for name in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
      library=$(find_library "$name")
      [ -n "$library" ] || continue
      VK_DRIVER_FILES=$(describe_driver "$library")
      export VK_DRIVER_FILES
      if answers; then return; fi
    done
    echo "No GPU answers; what was said: " >&2
    cat "$temporary/log" >&2
  fi
  echo "Going on with SwiftShader, which the CPU emulates: figures of speed say nothing about a GPU." >&2
  export VK_DRIVER_FILES="$here/drivers/vk_swiftshader_icd.json"
}

case ${1:-} in
"" | -*) what=all ;;
test | bench)
  what=$1
  shift
  ;;
*)
  echo "run.sh: $1 is unknown, expected test, bench or options." >&2
  exit 2
  ;;
esac
choose_driver
status=0
if [ $what != bench ]; then "$here/bin/node" "$here/programs/test.mjs" || status=1; fi
if [ $what != test ]; then "$here/bin/node" "$here/programs/bench.mjs" "$@" || status=1; fi
exit $status
