(module
  (type (;0;) (func (param i32 i32)))
  (type (;1;) (func (param i32 i32) (result i32)))
  (type (;2;) (func (param i32 i32) (result i64)))
  (type (;3;) (func (param i32 i32)))
  (type (;4;) (func (param i32 i32 i32)))
  (type (;5;) (func (param i32 i32 i64)))
  (type (;6;) (func (param i32 i32 i64 i64)))
  (type (;7;) (func (param i32 i32 i32 i32) (result i32)))
  (type (;8;) (func (result i32)))
  (type (;9;) (func (param i32) (result i32)))
  (type (;10;) (func (param i32 i32 i32 i64) (result i32)))
  (type (;11;) (func (param i32 i32 i64 i64) (result i32)))
  (type (;12;) (func (param i32 i32 i32) (result i32)))
  (type (;13;) (func (param i32)))
  (import "mmu" "memory" (memory (;0;) 0 65536 shared))
  (import "mmu" "cpu" (global (;0;) i32))
  (import "mmu" "load8" (func (;0;) (type 1)))
  (import "mmu" "load16" (func (;1;) (type 1)))
  (import "mmu" "load32" (func (;2;) (type 1)))
  (import "mmu" "load64" (func (;3;) (type 2)))
  (import "mmu" "load128" (func (;4;) (type 3)))
  (import "mmu" "store8" (func (;5;) (type 4)))
  (import "mmu" "store16" (func (;6;) (type 4)))
  (import "mmu" "store32" (func (;7;) (type 4)))
  (import "mmu" "store64" (func (;8;) (type 5)))
  (import "mmu" "store128" (func (;9;) (type 6)))
  (import "mmu" "translate" (func (;10;) (type 7)))
  (import "mmu" "size" (func (;11;) (type 8)))
  (import "mmu" "grow" (func (;12;) (type 9)))
  (import "mmu" "copy" (func (;13;) (type 4)))
  (import "mmu" "fill" (func (;14;) (type 4)))
  (import "mmu" "check" (func (;15;) (type 4)))
  (import "mmu" "wait32" (func (;16;) (type 10)))
  (import "mmu" "wait64" (func (;17;) (type 11)))
  (import "mmu" "notify" (func (;18;) (type 12)))
  (import "mmu" "trap" (func (;19;) (type 13)))
  (func (;20;) (export "swap") (type 0) (param i32 i32)
    (local i32 i32)
    (local.get 0)
    (local.set 3
      (if (result i32)  ;; label = @1
        (i32.lt_u
          (i32.sub
            (local.get 1)
            (i32.load
              (global.get 0)))
          (i32.load offset=4
            (global.get 0)))
        (then
          (i32.load offset=8 align=1
            (i32.add
              (local.get 1)
              (i32.load offset=8
                (global.get 0)))))
        (else
          (call 21
            (local.get 1)
            (i32.const 8)))))
    (if  ;; label = @1
      (i32.lt_u
        (i32.sub
          (local.tee 2)
          (i32.load offset=16
            (global.get 0)))
        (i32.load offset=20
          (global.get 0)))
      (then
        (i32.store offset=4 align=1
          (i32.add
            (local.get 2)
            (i32.load offset=24
              (global.get 0)))
          (local.get 3)))
      (else
        (call 22
          (local.get 2)
          (local.get 3)
          (i32.const 4)))))
  (func (;21;) (type 1) (param i32 i32) (result i32)
    (local i32 i32)
    (if  ;; label = @1
      (i32.ge_u
        (local.tee 2
          (i32.add
            (local.get 0)
            (local.get 1)))
        (local.get 0))
      (then
        (local.set 3
          (i32.load offset=4096
            (i32.add
              (global.get 0)
              (i32.shl
                (i32.shr_u
                  (local.get 2)
                  (i32.const 12))
                (i32.const 3)))))
        (if  ;; label = @2
          (i32.lt_u
            (i32.and
              (local.get 2)
              (i32.const 4095))
            (i32.and
              (i32.sub
                (i32.const 0)
                (i32.and
                  (local.get 3)
                  (i32.const 1)))
              (i32.const 4093)))
          (then
            (return
              (i32.load offset=4095 align=1
                (i32.add
                  (local.get 2)
                  (local.get 3))))))))
    (call 2
      (local.get 0)
      (local.get 1)))
  (func (;22;) (type 4) (param i32 i32 i32)
    (local i32 i32)
    (if  ;; label = @1
      (i32.ge_u
        (local.tee 3
          (i32.add
            (local.get 0)
            (local.get 2)))
        (local.get 0))
      (then
        (local.set 4
          (i32.load offset=4100
            (i32.add
              (global.get 0)
              (i32.shl
                (i32.shr_u
                  (local.get 3)
                  (i32.const 12))
                (i32.const 3)))))
        (if  ;; label = @2
          (i32.lt_u
            (i32.and
              (local.get 3)
              (i32.const 4095))
            (i32.and
              (i32.sub
                (i32.const 0)
                (i32.and
                  (local.get 4)
                  (i32.const 1)))
              (i32.const 4093)))
          (then
            (i32.store offset=4095 align=1
              (i32.add
                (local.get 3)
                (local.get 4))
              (local.get 1))
            (return)))))
    (call 7
      (local.get 0)
      (local.get 2)
      (local.get 1))))
