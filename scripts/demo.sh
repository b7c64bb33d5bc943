#!/usr/bin/env bash
# The whole path on real input: C to .wasm, .wasm to .wherry, beside native code, then over HTTP.
# Called by ./dev demo with the folder that holds the programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

programs=$1
out=build/demo
mkdir -p "$out"
export WHERRY_CACHE_DIR=$PWD/$out/cache
wasm_flags=(--target=wasm32-wasi -Wno-deprecated -O3 --no-wasm-opt -Wl,--strip-debug)

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# Prints a command as one would type it, then runs it.
show() {
  local word
  printf '$'
  for word in "$@"; do
    if [[ $word =~ ^[[:alnum:]_./:=@-]+$ ]]; then printf ' %s' "$word"; else printf " '%s'" "$word"; fi
  done
  printf '\n'
  "$@"
}

say "1. The 2019 report's programs, from C to WebAssembly to machine code"
for source in examples/report-2019/*.c examples/functions/text-stats.c; do
  name=$(basename "$source" .c)
  clang-22 "${wasm_flags[@]}" "$source" -o "$out/$name.wasm"
  "$programs/wherry" compile "$out/$name.wasm" -o "$out/$name.wherry"
  printf '%-14s .wasm %6d bytes   .wherry %6d bytes\n' "$name" \
    "$(stat -c %s "$out/$name.wasm")" "$(stat -c %s "$out/$name.wherry")"
done

say "2. Each beside its native build (clang-22 -O3): the same output, CPU time in turns"
show "$programs/wherry" bench report-2019 --quick --engines clang,wherry --rounds 3 --no-platforms --out "$out/bench"

say "3. A function, called on the command line"
show "$programs/wherry" invoke "$out/text-stats.wasm" --param 'text=Compile once. Run everywhere!'

say "4. The same function over HTTP"
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null || true' EXIT

# Starts `wherry serve` with these arguments on a free port; sets $server and $url.
start_server() {
  "$programs/wherry" serve "$@" --listen 127.0.0.1:0 >"$out/serve.out" 2>"$out/serve.log" &
  server=$!
  until url=$(grep -o 'http://[0-9.:]*' "$out/serve.log"); do
    kill -0 "$server" || { cat "$out/serve.log" >&2; exit 1; }
    read -r -t 0.05 <> <(:) || true
  done
  echo "wherry serve ${*:-(no function)} is listening on $url"
}
stop_server() {
  kill "$server"
  wait "$server"
  server=
  echo "the server has stopped"
}

start_server "$out/text-stats.wherry"
show curl -sS -d '{"text": "Straight to the function."}' "$url/"
echo
stop_server

say "5. An empty OpenWhisk action container: the code comes by /init, the parameters by /run"
start_server
jq -n --rawfile code <(base64 -w0 "$out/text-stats.wasm") \
  '{value: {name: "text-stats", main: "main", binary: true, code: $code}}' >"$out/init.json"
show curl -sS -d "@$out/init.json" "$url/init"
echo
show curl -sS -d '{"value": {"text": "And by way of OpenWhisk."}}' "$url/run"
echo
stop_server
