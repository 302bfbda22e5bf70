// translate: what the build runs to rewrite the programs of the initrd ahead (tools/build/system.mjs).

import { Initrd, InitrdRecord } from "../../abi/boot.ts";
import { makeProgram } from "../cpu/program.ts";
import { packSystem, type Translation } from "../cpu/translations.ts";

const WASM_MAGIC = 0x6d736100;

/** The system file of an initrd: it, and every program in it rewritten. Throws the rewriter's sentence about one that it refuses. */
export async function makeSystem(initrd: Uint8Array): Promise<Uint8Array> {
  const view = new DataView(initrd.buffer, initrd.byteOffset, initrd.byteLength);
  const translations: Translation[] = [];
  for (let i = 0; i < view.getUint32(Initrd.COUNT, true); i++) {
    const record = Initrd.RECORDS + i * Initrd.RECORD_BYTES;
    const file = view.getUint32(record + InitrdRecord.OFFSET, true);
    const length = view.getUint32(record + InitrdRecord.LENGTH, true);
    if (length < 4 || view.getUint32(file, true) !== WASM_MAGIC) continue;
    // A file may have several names.
    if (translations.some((other) => other.file === file)) continue;
    const name = initrd.subarray(record, record + InitrdRecord.PATH_BYTES);
    const path = new TextDecoder().decode(name).replace(/\0.*$/s, "");
    const { program, bytes } = await makeProgram(initrd.slice(file, file + length));
    const { module: _, linkage: __, ...shape } = program;
    translations.push({ path, file, ...shape, bytes });
  }
  return packSystem(initrd, translations);
}
