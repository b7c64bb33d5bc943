;; Loops as producers unroll them, and addresses near each other, for loops_test.cc: every export takes
;; three i32s. A memory of two pages, whose bytes are all different enough.
(module
  (memory 2)
  (func (export "prepare") (param i32 i32 i32) (local $i i32)
    (loop $next
      (i32.store (local.get $i) (i32.mul (i32.add (local.get $i) (i32.const 77)) (i32.const 0x9e3779b1)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 131072)))))
  (func (export "hash") (param i32 i32 i32) (result i32) (local $i i32) (local $hash i32)
    (loop $next
      (local.set $hash (i32.add (i32.rotl (local.get $hash) (i32.const 3))
                                (i32.mul (i32.load (local.get $i)) (i32.const 0x85ebca6b))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 131072))))
    (local.get $hash))

  ;; memory[base + i] = i, three at a time, until i is end.
  (func (export "store_by_three") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $at i32)
    (loop $next
      (local.set $at (i32.add (local.get $base) (local.get $i)))
      (i32.store (local.get $at) (local.get $i))
      (i32.store (i32.add (local.get $at) (i32.const 8)) (i32.add (local.get $i) (i32.const 8)))
      (i32.store offset=16 (local.get $at) (i32.add (local.get $i) (i32.const 16)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 24))) (local.get $end))))
    (local.get $i))

  ;; A sum of four at a time, what the index was last, and an earlier partial sum.
  (func (export "sum_by_four") (param $base i32) (param $i i32) (param $end i32) (result i32 i32 i32)
    (local $sum i32) (local $partial i32) (local $at i32)
    (loop $next
      (local.set $at (i32.add (local.get $base) (i32.shl (local.get $i) (i32.const 2))))
      (local.set $partial (i32.add (i32.load (local.get $at)) (local.get $sum)))
      (local.set $partial (i32.add (i32.load offset=4 (local.get $at)) (local.get $partial)))
      (local.set $partial (i32.add (i32.load offset=8 (local.get $at)) (local.get $partial)))
      (local.set $sum (i32.add (i32.load offset=12 (local.get $at)) (local.get $partial)))
      (br_if $next
        (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.and (local.get $end) (i32.const -4)))))
    (local.get $sum) (local.get $i) (local.get $partial))

  ;; Each value from the one before it, through memory.
  (func (export "through_memory") (param $base i32) (param $i i32) (param $end i32)
    (loop $next
      (i32.store offset=4 (local.get $base) (i32.add (i32.load (local.get $base)) (local.get $i)))
      (i32.store offset=8 (local.get $base) (i32.add (i32.load offset=4 (local.get $base)) (local.get $i)))
      (local.set $base (i32.add (local.get $base) (i32.const 8)))
      (br_if $next (local.tee $end (i32.sub (local.get $end) (i32.const 2))))))

  ;; A value carried from copy to copy: the word before.
  (func (export "differences") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $before i32) (local $now i32)
    (loop $next
      (local.set $now (i32.load (local.get $base)))
      (i32.store (local.get $base) (i32.sub (local.get $now) (local.get $before)))
      (local.set $before (i32.load offset=4 (local.get $base)))
      (i32.store offset=4 (local.get $base) (i32.sub (local.get $before) (local.get $now)))
      (local.set $base (i32.add (local.get $base) (i32.const 8)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (local.get $end))))
    (local.get $before))

  ;; Nearly copies: the second one adds more.
  (func (export "not_alike") (param $base i32) (param $i i32) (param $end i32)
    (loop $next
      (i32.store (local.get $base) (i32.add (i32.load (local.get $base)) (i32.const 5)))
      (i32.store offset=4 (local.get $base) (i32.add (i32.load offset=4 (local.get $base)) (i32.const 6)))
      (local.set $base (i32.add (local.get $base) (i32.const 8)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (local.get $end)))))

  ;; All loads of a round before its stores: in the order of copies, the second load would come later.
  (func (export "loads_first") (param $base i32) (param $i i32) (param $end i32) (local $x i32) (local $y i32)
    (loop $next
      (local.set $x (i32.load (local.get $base)))
      (local.set $y (i32.load offset=4 (local.get $base)))
      (i32.store offset=4 (local.get $base) (local.get $x))
      (i32.store offset=8 (local.get $base) (local.get $y))
      (local.set $base (i32.add (local.get $base) (i32.const 8)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (local.get $end)))))

  ;; Floats are added in order.
  (func (export "float_sum") (param $base i32) (param $i i32) (param $end i32) (result f32) (local $sum f32)
    (loop $next
      (local.set $sum (f32.add (local.get $sum) (f32.convert_i32_s (i32.load (local.get $base)))))
      (local.set $sum (f32.add (local.get $sum) (f32.convert_i32_s (i32.load offset=4 (local.get $base)))))
      (local.set $base (i32.add (local.get $base) (i32.const 8)))
      (br_if $next (i32.ne (local.tee $i (i32.sub (local.get $i) (i32.const 2))) (local.get $end))))
    (local.get $sum))

  ;; Near each other, forwards and backwards, with offsets of their own and without.
  (func (export "near") (param $y i32) (param $i i32) (param $end i32) (result i32)
    (i32.add (i32.load (local.get $y))
      (i32.add (i32.load (i32.add (local.get $y) (i32.const 16)))
        (i32.add (i32.load offset=20 (i32.add (local.get $y) (i32.const 16)))
          (i32.load16_u offset=1 (i32.add (local.get $y) (i32.const 60000)))))))
  (func (export "before") (param $y i32) (param $i i32) (param $end i32) (result i32)
    (i32.add (i32.load (local.get $y))
      (i32.add (i32.load (i32.sub (local.get $y) (i32.const 8)))
               (i64.eqz (i64.load (i32.sub (local.get $y) (i32.const 12)))))))
  (func (export "before_and_after") (param $y i32) (param $i i32) (param $end i32) (result i32)
    (i32.add (i32.load offset=8 (local.get $y))
      (i32.load offset=16 (i32.sub (local.get $y) (i32.const 8)))))
  (func (export "far_before") (param $y i32) (param $i i32) (param $end i32) (result i32)
    (i32.store (local.get $y) (local.get $i))
    (i32.load (i32.sub (local.get $y) (i32.const 65400))))
  (func (export "near_offset") (param $y i32) (param $i i32) (param $end i32) (result i32)
    (i32.add (i32.load offset=70000 (local.get $y))
             (i32.load8_u (i32.add (local.get $y) (i32.const 30000)))))

  ;; What a round stores, the next one loads.
  ;; A store with an offset.
  (func (export "prefix") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (i32.store offset=4 (local.get $base) (i32.add (i32.load (local.get $base)) (i32.load offset=4 (local.get $base))))
      (local.set $base (i32.add (local.get $base) (i32.const 4)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; Downwards, where the load comes to be beyond the end behind address 0.
  (func (export "prefix_back") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (i32.store (local.get $base) (i32.add (i32.load offset=4 (local.get $base)) (local.get $i)))
      (local.set $base (i32.add (local.get $base) (i32.const -4)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; An address of its own, and the load behind the store.
  (func (export "prefix_sum") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (i32.store (i32.add (local.get $base) (i32.const 4)) (i32.mul (local.get $sum) (i32.const 5)))
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $base))))
      (local.set $base (i32.add (local.get $base) (i32.const 4)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; A store on either way, one of which loads.
  (func (export "longest") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (if (i32.and (i32.load offset=400 (local.get $base)) (i32.const 64))
        (then (i32.store16 offset=2 (local.get $base) (i32.add (i32.load16_u (local.get $base)) (i32.const 1))))
        (else (i32.store16 (i32.add (local.get $base) (i32.const 2)) (local.get $i))))
      (local.set $sum (i32.add (local.get $sum) (local.get $base)))
      (local.set $base (i32.add (local.get $base) (i32.const 2)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; A store on one of two ways.
  (func (export "one_way") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (if (i32.and (i32.load offset=400 (local.get $base)) (i32.const 64))
        (then (i32.store offset=4 (local.get $base) (local.get $i))))
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $base))))
      (local.set $base (i32.add (local.get $base) (i32.const 4)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; Stores that reach into what is loaded behind them.
  (func (export "overlapping") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (i32.store offset=2 (local.get $base) (i32.mul (local.get $sum) (i32.const 5)))
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $base))))
      (local.set $base (i32.add (local.get $base) (i32.const 2)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; Another store comes between.
  (func (export "disturbed") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $base))))
      (i32.store offset=4 (local.get $base) (local.get $sum))
      (i32.store8 offset=7 (local.get $base) (local.get $i))
      (local.set $base (i32.add (local.get $base) (i32.const 4)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; Other stores do not.
  (func (export "undisturbed") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (i32.store offset=8 (local.get $base) (local.get $i))
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $base))))
      (i32.store offset=4 (local.get $base) (local.get $sum))
      (i32.store16 offset=14 (local.get $base) (local.get $i))
      (local.set $base (i32.add (local.get $base) (i32.const 4)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; Of two rounds before.
  (func (export "two_rounds") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $base))))
      (i32.store offset=8 (local.get $base) (local.get $sum))
      (local.set $base (i32.add (local.get $base) (i32.const 4)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; Floating point.
  (func (export "recurrence") (param $base i32) (param $i i32) (param $end i32) (result f64)
    (local $sum f64)
    (loop $next
      (local.set $sum (f64.add (local.get $sum) (f64.load (local.get $base))))
      (f64.store offset=8 (local.get $base) (f64.mul (f64.convert_i32_s (local.get $i)) (f64.const 0.5)))
      (local.set $base (i32.add (local.get $base) (i32.const 8)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  ;; Stored as another type.
  (func (export "other_type") (param $base i32) (param $i i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $base))))
      (f32.store offset=4 (local.get $base) (f32.convert_i32_s (local.get $i)))
      (local.set $base (i32.add (local.get $base) (i32.const 4)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum)))
