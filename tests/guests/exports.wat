;; What compilers seldom make: several results, an allocator like the component model's, and exports
;; that misbehave.
(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32)
        (param $size i32) (result i32)
    (if (i32.eq (local.get $size) (i32.const 3)) (then unreachable))
    (if (i32.eq (local.get $size) (i32.const 4)) (then (return (i32.const 65535))))
    (if (i32.eq (local.get $size) (i32.const 5)) (then (return (i32.const 0))))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get $size))))

  (func (export "divmod") (param i64 i64) (result i64 i64)
    (i64.div_s (local.get 0) (local.get 1))
    (i64.rem_s (local.get 0) (local.get 1)))
  ;; A text and its length, as a number too.
  (func (export "same") (param i32 i32) (result i32 i32 i32)
    (local.get 0) (local.get 1) (local.get 1))
  (func (export "vector") (param v128))
  (func (export "raw") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
    (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
