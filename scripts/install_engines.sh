#!/usr/bin/env bash
# Installs WebAssembly engines to measure against with `wherry bench`. Nothing of Wherry needs them.
#
# usage: install_engines.sh [NAME...]     without names: what there is
#
# Each goes into a folder NAME-VERSION of its own under $WHERRY_ENGINES (by default wherry/engines in the
# user's data folder), and its programs are linked from bin/ there. What is there already is left alone.
# CARGO_BUILD_JOBS=1 and nice keep the machine usable meanwhile.
# shellcheck disable=SC2329  # the functions are called by name
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
engines=${WHERRY_ENGINES:-${XDG_DATA_HOME:-$HOME/.local/share}/wherry/engines}

# name, version, programs, where from, about how long on two cores
table() {
  cat <<'TEXT'
bun       1.4.5         bun                      npm                               seconds
node      26.12.1       node                     npm                               seconds
workerd   1.20261117.1  workerd                  npm                               seconds
wazero    1.12.0        wazero                   Go module                         seconds
wasm3     0.9.0         wasm3                    crate wasm3x-sys, C compiler      seconds
wamr      2.4.3         iwasm wamrc              crate wamrx-sys, C++, LLVM 22     2 minutes
wasmtime  48.0.8        wasmtime                 cargo                             10 minutes
wasmer    7.4.2         wasmer                   cargo, LLVM 22 with Polly         20 minutes
lucet     0.6.1         lucetc-wasi lucet-wasi   cargo, old crates patched         5 minutes
TEXT
}

need() { # program, what brings it
  command -v "$1" >/dev/null || { echo "$1 is missing ($2)"; return 1; }
}

# The sources of crates, as NAME=VERSION, into vendor/NAME-VERSION of the working folder; further text for
# the manifest comes from standard input. Nothing of it is built.
crate_sources() {
  need cargo "Rust's package manager"
  mkdir -p src && : >src/lib.rs
  {
    printf '[package]\nname = "sources"\nversion = "0.0.0"\nedition = "2018"\n[workspace]\n'
    cat
    printf '[dependencies]\n'
    # A name for each, as one crate may be wanted in two versions.
    local crate number=0
    for crate in "$@"; do
      printf 'c%d = { package = "%s", version = "=%s" }\n' $((number += 1)) "${crate%=*}" "${crate#*=}"
    done
  } >Cargo.toml
  cargo vendor --versioned-dirs vendor >vendor.toml
}

# npm's packages of the programs proper, one for each processor: no install script has to run for them.
npm_program() { # name, package, path of the program in it
  need npm "Node.js's package manager"
  npm install --prefix "$dest" --ignore-scripts --no-audit --no-fund "$2@$version"
  ln -s "../node_modules/$2/$3" "$dest/bin/$1"
}

case $(uname -m) in
  aarch64) bun_cpu=aarch64 node_cpu=arm64 workerd_cpu=arm64 ;;
  *) bun_cpu=x64 node_cpu=x64 workerd_cpu=64 ;;
esac
install_bun() { npm_program bun "@oven/bun-linux-$bun_cpu" bin/bun; }
install_node() { npm_program node "node-linux-$node_cpu" bin/node; }
install_workerd() { npm_program workerd "@cloudflare/workerd-linux-$workerd_cpu" bin/workerd; }

install_wazero() {
  need go "the Go toolchain"
  GOBIN=$dest/bin go install "github.com/tetratelabs/wazero/cmd/wazero@v$version"
}

# wasm3 and WAMR are published as the sources of their libraries; the command lines are in bench/engines.
install_wasm3() {
  crate_sources wasm3x-sys=0.2.1 </dev/null
  local source=vendor/wasm3x-sys-0.2.1/wasm3/source
  rm "$source/m3_api_uvwasi.c" # another WASI, which needs a library
  cc -O3 -DNDEBUG -Dd_m3HasWASI -I"$source" "$repo/bench/engines/wasm3.c" "$source"/*.c -lm -o "$dest/bin/wasm3"
}

install_wamr() {
  need cmake cmake && need llvm-config-22 llvm-22-dev
  [[ -d /usr/include/simde ]] || { echo "simde is missing (libsimde-dev)"; return 1; }
  crate_sources wamrx-sys=0.3.0 </dev/null
  mkdir -p simde && ln -sfn /usr/include/simde simde/simde
  local compiler
  for compiler in OFF ON; do
    cmake -S "$repo/bench/engines/wamr" -B "build-$compiler" -DCMAKE_BUILD_TYPE=Release -DCOMPILER="$compiler" \
      -DWAMR_ROOT_DIR="$PWD/vendor/wamrx-sys-0.3.0/wasm-micro-runtime" -DSIMDE_DIR="$PWD/simde" \
      -DLLVM_DIR="$(llvm-config-22 --cmakedir)"
    cmake --build "build-$compiler" -j "${CARGO_BUILD_JOBS:-2}"
  done
  cp build-OFF/iwasm build-ON/wamrc "$dest/bin/"
}

cargo_program() { # crate, features: the ones that run and compile modules, to build in half the time
  need cargo "Rust's package manager"
  cargo install "$1" --version "$version" --locked --root "$dest" --target-dir target --no-default-features \
    --features "$2"
}
install_wasmtime() {
  cargo_program wasmtime-cli \
    run,compile,cranelift,parallel-compilation,cache,threads,pooling-allocator,gc,gc-drc
}
install_wasmer() {
  need llvm-config-22 llvm-22-dev
  [[ -f $(llvm-config-22 --libdir)/libPolly.a ]] || { echo "Polly is missing (libpolly-22-dev)"; return 1; }
  LLVM_SYS_221_PREFIX=$(llvm-config-22 --prefix) \
    cargo_program wasmer-cli sys,wat,cranelift,llvm,wasmer-artifact-create,static-artifact-create
}

# Lucet's crates need more than a line: a file of its own builds them in the working folder.
# shellcheck source=bench/engines/lucet.sh
install_lucet() { . "$repo/bench/engines/lucet.sh"; }

if (($# == 0)); then
  echo "usage: scripts/install_engines.sh NAME...   into $engines"
  echo
  table
  exit 0
fi
for name in "$@"; do
  table | grep -q "^$name " || { echo "there is no engine $name: scripts/install_engines.sh lists them" >&2; exit 2; }
done
mkdir -p "$engines/bin"
failed=()
for name in "$@"; do
  version=$(table | awk -v name="$name" '$1 == name { print $2 }')
  final=$engines/$name-$version dest=$engines/$name-$version.part work=$engines/build/$name log=$engines/build/$name.log
  if [[ ! -d $final ]]; then
    echo "installing $name $version (log: $log)"
    rm -rf "$dest" && mkdir -p "$dest/bin" "$work"
    # In a subshell that is no condition, as errexit would not hold in it.
    set +e
    (set -e && cd "$work" && "install_$name") >"$log" 2>&1 </dev/null
    status=$?
    set -e
    if ((status != 0)); then
      failed+=("$name: $( (grep -E '^error|missing|Error' "$log" || tail -n 1 "$log") | head -n 1)")
      continue
    fi
    mv "$dest" "$final"
    rm -rf "$work"
  fi
  for program in "$final"/bin/*; do ln -sfn "../$name-$version/bin/${program##*/}" "$engines/bin/${program##*/}"; done
  echo "$name $version is in $final"
done
((${#failed[@]} == 0)) && exit 0
echo "could not be installed:" >&2
printf '  %s\n' "${failed[@]}" >&2
exit 1
