import { expect, test } from "vitest";
import { fromText } from "../mmu/testing/programs.ts";
import { type Entry, makeProgram } from "./program.ts";

async function entryOf(fields: string): Promise<Entry> {
  return (await makeProgram(fromText(`(module (memory 1) ${fields})`))).program.entry;
}

test("where a program begins", async () => {
  const none = { main: undefined, initialize: false, handler: false };
  expect(await entryOf("")).toEqual(none);
  expect(
    await entryOf(`(func (export "main") (param i32 i32) (result i32) (i32.const 0))`),
  ).toEqual({ ...none, main: "main" });
  expect(await entryOf(`(func (export "main")) (func (export "_start"))`)).toEqual({
    ...none,
    main: "_start",
  });
  expect(await entryOf(`(global (export "main") i32 (i32.const 1))`)).toEqual(none);
  expect(await entryOf(`(func (export "_initialize"))`)).toEqual({ ...none, initialize: true });
});

test.each([
  ["main", "(param i64)"],
  ["_start", "(param externref)"],
  ["_initialize", "(param f32)"],
])("a %s with %s cannot be called", async (name, type) => {
  await expect(
    entryOf(`(func (export "${name}") ${type}) (func (export "other"))`),
  ).rejects.toThrow(`its ${name} cannot be called`);
});

test("a __fault of another type is not a handler", async () => {
  const handler = async (type: string) =>
    (await entryOf(`(func (export "__fault") ${type} (unreachable))`)).handler;
  expect(await handler("(param i32 i32 i32) (result i32)")).toBe(true);
  for (const type of [
    "",
    "(param i32 i32) (result i32)",
    "(param i32 i32 i32)",
    "(param i64 i32 i32) (result i32)",
    "(param i32 i32 i32) (result i64)",
    "(param i32 i32 i32) (result i32 i32)",
  ])
    expect(await handler(type), type).toBe(false);
});

test("a program with a start function says with which imports it links", async () => {
  const { program } = await makeProgram(
    fromText(`(module (import "sys" "exit" (func (param i32))) (func $s) (start $s))`),
  );
  expect(program.hasStart).toBe(true);
  const imports = WebAssembly.Module.imports(program.linkage as WebAssembly.Module);
  expect(imports.filter(({ module }) => module !== "mmu")).toEqual([
    { module: "sys", name: "exit", kind: "function" },
  ]);
});
