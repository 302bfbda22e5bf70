;; inline none
(module
  (memory 1)
  (data $hello "hello")
  (data (i32.const 8) "image")
  (func (export "run") (param i32) (result i32)
    (memory.init $hello (local.get 0) (i32.const 0) (i32.const 5))
    (data.drop $hello)
    (memory.copy (local.get 0) (i32.const 0) (i32.const 5))
    (memory.fill (local.get 0) (i32.const 0) (i32.const 5))
    (drop (i32.atomic.rmw.add (local.get 0) (i32.const 4)))
    (i32.add (memory.grow (i32.const 1)) (memory.size))))
