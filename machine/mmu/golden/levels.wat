;; inline all
(module
  (memory 1)
  (func (export "shift") (param i32)
    (loop
      (i32.store (local.get 0) (i32.load offset=4 (local.get 0)))
      (br_if 0 (local.tee 0 (i32.add (local.get 0) (i32.const 4)))))))
