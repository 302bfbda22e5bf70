;; inline all
(module
  (memory (export "memory") 1)
  (func (export "swap") (param i32 i32)
    (i32.store offset=4 (local.get 0) (i32.load offset=8 (local.get 1)))))
