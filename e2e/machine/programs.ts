// Modules that tests drop on the page, from WebAssembly text.

import wabt from "wabt";

export async function assemble(name: string, text: string): Promise<Buffer> {
  const tools = await wabt();
  const module = tools.parseWat(`${name}.wat`, text, { bulk_memory: true });
  try {
    return Buffer.from(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

/** Prints one line. */
export const HELLO = `
  (module
    (import "sys" "write" (func $write (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "dropped and running\\n")
    (func (export "_start") (drop (call $write (i32.const 1) (i32.const 16) (i32.const 20)))))`;

/**
 * Maps the first 2 MiB of VRAM write-combining, stores white pixels over 1024 x 64 of them, and waits for a line before it drains and for
 * another before it ends.
 */
export const UNDRAINED = `
  (module
    (import "sys" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "sys" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "sys" "sfence" (func $sfence (result i32)))
    (import "sys" "mmap_device" (func $map (param i64 i64 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "stored\\ndrained\\nrefused\\n")
    (func (export "_start") (local $at i32) (local $end i32)
      (local.set $at (call $map (i64.const 0xe0000000) (i64.const 0x200000) (i32.const 2)))
      (if (i32.gt_u (local.get $at) (i32.const 0xfffff000))
        (then
          (drop (call $write (i32.const 1) (i32.const 31) (i32.const 8)))
          (return)))
      (local.set $end (i32.add (local.get $at) (i32.const 262144)))
      (loop $pixel
        (i32.store (local.get $at) (i32.const 0x00ffffff))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $pixel (i32.lt_u (local.get $at) (local.get $end))))
      (drop (call $write (i32.const 1) (i32.const 16) (i32.const 7)))
      (drop (call $read (i32.const 0) (i32.const 256) (i32.const 64)))
      (drop (call $sfence))
      (drop (call $write (i32.const 1) (i32.const 23) (i32.const 8)))
      (drop (call $read (i32.const 0) (i32.const 256) (i32.const 64)))))`;
