;; inline all
(module
  (memory (export "memory") 1)
  (func (export "swap") (param i32 i32)
    (i32.store offset=4 align=1 (local.get 0) (i32.load offset=8 align=1 (local.get 1)))))
