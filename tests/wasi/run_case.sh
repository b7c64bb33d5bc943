#!/bin/bash
# run_case.sh WHERRY GUESTS CASE: runs one WASI test in a directory of its own. What the guest can
# see it checks itself; what only the host can see is checked here.
set -euo pipefail
wherry=$1 guests=$2 case=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export WHERRY_CACHE_DIR=$work/cache
cd "$work"
mkdir data other

fail() { echo "$case: $*" >&2; exit 1; }

# expect CODE COMMAND…: the command ends with exactly this code.
expect() {
  local wanted=$1 code=0
  shift
  "$@" || code=$?
  [ "$code" = "$wanted" ] || fail "ended with $code instead of $wanted: $*"
}

# A stated profile: release code made in the background would write where this test cleans up.
run() { "$wherry" run --profile dev "$@"; }

case $case in
  args_env)
    run --env A=1 --env EMPTY= --env SNOW=☃ "$guests/wasi_args_env.wasm" one 'two words' '' '☃ = x'
    ;;
  stdio)
    printf 'first\nsecond\n' | run "$guests/wasi_stdio.wasm" >out 2>err || fail "$(cat out err)"
    [ "$(cat out)" = output ] || fail "standard output is '$(cat out)'"
    [ "$(cat err)" = error ] || fail "standard error is '$(cat err)'"
    ;;
  clocks | random | denied) run "$guests/wasi_$case.wasm" ;;
  files | directories | rights | bad_pointers | links | names | path_open | read_write | readdir | \
    seek | sizes | sockets | times)
    run --dir data::/data "$guests/wasi_$case.wasm" </dev/null | cat
    ;;
  descriptors | path_rename)
    run --dir data::/data --dir other::/other "$guests/wasi_$case.wasm" </dev/null | cat
    ;;
  flags)
    mkfifo empty
    run --dir data::/data "$guests/wasi_flags.wasm" <>empty | cat
    ;;
  poll)
    mkfifo empty
    run --dir data::/data "$guests/wasi_poll.wasm" empty <>empty | cat
    exec 9<>empty
    printf abc >&9
    run "$guests/wasi_poll.wasm" full <&9
    : | run "$guests/wasi_poll.wasm" closed
    ;;
  exit_code)
    expect 0 run "$guests/wasi_exit_code.wasm" return 0
    expect 3 run "$guests/wasi_exit_code.wasm" return 3
    expect 0 run "$guests/wasi_exit_code.wasm" exit 0
    expect 42 run "$guests/wasi_exit_code.wasm" exit 42
    expect 7 run "$guests/wasi_exit_code.wasm" abort
    ;;
  block)
    expect 5 run --timeout 200 "$guests/wasi_block.wasm" sleep
    expect 5 run --timeout 200 "$guests/wasi_block.wasm" poll
    mkfifo never
    expect 5 run --timeout 200 "$guests/wasi_block.wasm" read <>never
    expect 5 run --timeout 200 "$guests/wasi_block.wasm" write 1<>never
    mkfifo data/fifo
    expect 5 run --timeout 200 --dir data::/data "$guests/wasi_block.wasm" open
    ;;
  escape)
    mkdir box outside outside/dir box/dir
    echo secret >outside/secret
    ln -s secret outside/link
    echo file >box/file
    ln -s ../outside/secret box/to_secret
    ln -s "$work/outside/secret" box/to_secret_absolute
    ln -s ../outside box/to_outside
    ln -s "$work/outside" box/to_outside_absolute
    ln -s "$work/box" box/to_box_absolute
    ln -s / box/to_root
    ln -s ../.. box/dir/to_above
    ln -s to_secret box/chain
    ln -s dir/../to_outside box/chain_of_directories
    ln -s /dev/null box/to_device
    ln -s /proc box/proc
    ln -s /proc/self/fd/0 box/to_own_descriptor
    ln -s loop box/loop
    # Everything but the box and the compiler's cache, with the times of the last changes.
    list_outside() { find outside data other -printf '%p %i %s %T@\n' | sort && ls -A | sort; }
    mkdir -p cache
    before=$(list_outside)
    run --dir box::/box "$guests/wasi_escape.wasm" | tee attempts
    rm attempts
    after=$(list_outside)
    [ "$before" = "$after" ] || fail "something outside the box changed: $after"
    [ "$(cat outside/secret)" = secret ] || fail "the secret was written"
    ;;
  *) fail "no such case" ;;
esac
