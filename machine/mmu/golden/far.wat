;; inline all
(module
  (memory 1)
  (func (export "get") (param i32) (result f64) (f64.load offset=4096 align=4 (i32.shl (local.get 0) (i32.const 3)))))
