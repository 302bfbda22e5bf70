;; inline all
(module
  (memory (export "memory") 1)
  (func (export "swap") (param i32 i32)
    (i32.store offset=4 (local.get 0) (i32.load (local.tee 1 (i32.mul (local.get 1) (i32.const 12)))))))
