;; inline loops
(module
  (memory 1)
  (func (export "move") (param i32 i32)
    (i32.store8 (local.get 0) (i32.const 0))
    (loop
      (i32.store8 (local.get 0) (i32.load8_u (local.get 1)))
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (br_if 0 (local.tee 1 (i32.add (local.get 1) (i32.const 1)))))))
