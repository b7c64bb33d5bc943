# Builds Lucet's last release, of 2020, with a Rust compiler of today; sourced by scripts/install_engines.sh in
# its working folder. The crates keep the versions of their own lock files. What stands in the way:
# - wabt 0.9.2 was withdrawn and only a lock file still gets it: an empty one stands in while sources are fetched;
# - cranelift-codegen 0.51 calls into_iter() on a boxed slice behind a reference, which has become ambiguous;
# - raw-cpuid asserts that processors have one table of extended features, and newer ones have more;
# - the WASI functions are found in lucet-wasi itself by dlsym, so the program has to export them.
# shellcheck shell=bash disable=SC2154
mkdir -p wabt/src && : >wabt/src/lib.rs
printf '[package]\nname = "wabt"\nversion = "0.9.2"\n' >wabt/Cargo.toml
crate_sources lucetc="$version" lucet-wasi="$version" cranelift-codegen=0.51.0 raw-cpuid=6.1.0 raw-cpuid=7.0.3 \
  <<<$'[patch.crates-io]\nwabt = { path = "wabt" }'
sed -i '/\*insts = insts$/{n;s/into_iter/iter/}' vendor/cranelift-codegen-0.51.0/src/isa/x86/abi.rs
sed -i '/assert!(res.eax == 0);/d' vendor/raw-cpuid-*/src/lib.rs
for crate in lucetc lucet-wasi; do
  cat >>"vendor/$crate-$version/Cargo.toml" <<'TEXT'
[workspace]
[patch.crates-io]
cranelift-codegen = { path = "../cranelift-codegen-0.51.0" }
cpuid6 = { package = "raw-cpuid", path = "../raw-cpuid-6.1.0" }
cpuid7 = { package = "raw-cpuid", path = "../raw-cpuid-7.0.3" }
TEXT
  cargo rustc --manifest-path "vendor/$crate-$version/Cargo.toml" --release --bin "$crate" --target-dir target -- \
    -C link-args=-rdynamic
  cp "target/release/$crate" "$dest/bin/"
done
# Lucet knows the functions of WASI under their first name only. All but seeking, file status and polling kept
# their form when wasi_unstable became wasi_snapshot_preview1.
functions=$(sed '1d;$d' "vendor/lucet-wasi-$version/bindings.json")
printf '{\n%s,\n%s\n}\n' "$functions" "${functions/wasi_unstable/wasi_snapshot_preview1}" >"$dest/bindings.json"
cat >"$dest/bin/lucetc-wasi" <<'TEXT'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/lucetc" "$@" --bindings "$here/../bindings.json"
TEXT
chmod +x "$dest/bin/lucetc-wasi"
