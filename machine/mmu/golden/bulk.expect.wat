(module
  (type (;0;) (func (param i32) (result i32)))
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
  (func (;20;) (export "run") (type 0) (param i32) (result i32)
    (call 21
      (local.get 0)
      (i32.const 0)
      (i32.const 5))
    (data.drop $hello)
    (global.set 1
      (i32.const 1))
    (call 22
      (local.get 0)
      (i32.const 0)
      (i32.const 5))
    (call 23
      (local.get 0)
      (i32.const 0)
      (i32.const 5))
    (drop
      (call 24
        (local.get 0)
        (i32.const 4)
        (i32.const 0)))
    (i32.add
      (call 12
        (i32.const 1))
      (i32.shr_u
        (i32.load offset=12
          (global.get 0))
        (i32.const 16))))
  (func (;21;) (type 4) (param i32 i32 i32)
    (local i32)
    (if  ;; label = @1
      (i64.gt_u
        (i64.add
          (i64.extend_i32_u
            (local.get 1))
          (i64.extend_i32_u
            (local.get 2)))
        (i64.extend_i32_u
          (select
            (i32.const 0)
            (i32.const 5)
            (global.get 1))))
      (then
        (call 19
          (i32.const 4))
        (unreachable)))
    (call 15
      (local.get 0)
      (local.get 2)
      (i32.const 2))
    (block  ;; label = @1
      (loop  ;; label = @2
        (br_if 1 (;@1;)
          (i32.eqz
            (local.get 2)))
        (local.set 3
          (select
            (local.tee 3
              (i32.sub
                (i32.const 4096)
                (i32.and
                  (local.get 0)
                  (i32.const 4095))))
            (local.get 2)
            (i32.lt_u
              (local.get 3)
              (local.get 2))))
        (memory.init $hello
          (call 10
            (local.get 0)
            (i32.const 0)
            (local.get 3)
            (i32.const 2))
          (local.get 1)
          (local.get 3))
        (local.set 0
          (i32.add
            (local.get 0)
            (local.get 3)))
        (local.set 1
          (i32.add
            (local.get 1)
            (local.get 3)))
        (local.set 2
          (i32.sub
            (local.get 2)
            (local.get 3)))
        (br 0 (;@2;)))))
  (func (;22;) (type 4) (param i32 i32 i32)
    (local i32 i32)
    (if  ;; label = @1
      (i32.and
        (i32.and
          (i32.lt_u
            (local.tee 3
              (i32.sub
                (local.get 0)
                (i32.load offset=16
                  (global.get 0))))
            (local.tee 4
              (i32.load offset=20
                (global.get 0))))
          (i32.le_u
            (local.get 2)
            (i32.sub
              (local.get 4)
              (local.get 3))))
        (i32.and
          (i32.lt_u
            (local.tee 3
              (i32.sub
                (local.get 1)
                (i32.load
                  (global.get 0))))
            (local.tee 4
              (i32.load offset=4
                (global.get 0))))
          (i32.le_u
            (local.get 2)
            (i32.sub
              (local.get 4)
              (local.get 3)))))
      (then
        (memory.copy
          (i32.add
            (local.get 0)
            (i32.load offset=24
              (global.get 0)))
          (i32.add
            (local.get 1)
            (i32.load offset=8
              (global.get 0)))
          (local.get 2)))
      (else
        (call 13
          (local.get 0)
          (local.get 1)
          (local.get 2)))))
  (func (;23;) (type 4) (param i32 i32 i32)
    (local i32 i32)
    (if  ;; label = @1
      (i32.and
        (i32.lt_u
          (local.tee 3
            (i32.sub
              (local.get 0)
              (i32.load offset=16
                (global.get 0))))
          (local.tee 4
            (i32.load offset=20
              (global.get 0))))
        (i32.le_u
          (local.get 2)
          (i32.sub
            (local.get 4)
            (local.get 3))))
      (then
        (memory.fill
          (i32.add
            (local.get 0)
            (i32.load offset=24
              (global.get 0)))
          (local.get 1)
          (local.get 2)))
      (else
        (call 14
          (local.get 0)
          (local.get 1)
          (local.get 2)))))
  (func (;24;) (type 12) (param i32 i32 i32) (result i32)
    (local i32 i32)
    (if  ;; label = @1
      (i32.lt_u
        (local.tee 3
          (i32.add
            (local.get 0)
            (local.get 2)))
        (local.get 0))
      (then
        (call 19
          (i32.const 2))
        (unreachable)))
    (if  ;; label = @1
      (i32.and
        (local.get 3)
        (i32.const 3))
      (then
        (call 19
          (i32.const 3))
        (unreachable)))
    (i32.atomic.rmw.add
      (if (result i32)  ;; label = @1
        (i32.and
          (local.tee 4
            (i32.load offset=4100
              (i32.add
                (global.get 0)
                (i32.shl
                  (i32.shr_u
                    (local.get 3)
                    (i32.const 12))
                  (i32.const 3)))))
          (i32.const 1))
        (then
          (i32.add
            (i32.add
              (local.get 3)
              (local.get 4))
            (i32.const 4095)))
        (else
          (call 10
            (local.get 0)
            (local.get 2)
            (i32.const 4)
            (i32.const 2))))
      (local.get 1)))
  (global (;1;) (mut i32) (i32.const 0))
  (data $hello "hello")
  (data (;1;) ""))
