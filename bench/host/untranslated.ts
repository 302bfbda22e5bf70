// The module of kernels as it is, with a clock for a kernel.

export interface Untranslated {
  /** ms of a kernel with n units of work. */
  measure(kernel: number, n: number): number;
  /** What the last one returned. */
  checksum(): number;
}

interface KernelsExports {
  measure(kernel: number, n: number): number;
  readonly checksum: WebAssembly.Global;
  _initialize?(): void;
}

export function loadUntranslated(module: WebAssembly.Module): Untranslated {
  const absent = (): never => {
    throw new Error("an untranslated kernel has no system");
  };
  const sys: WebAssembly.ModuleImports = {};
  for (const { name } of WebAssembly.Module.imports(module)) sys[name] = absent;
  sys.clock = (): bigint => BigInt(Math.round(performance.now() * 1e6));
  const exports = new WebAssembly.Instance(module, { sys }).exports as unknown as KernelsExports;
  exports._initialize?.();
  return {
    measure: (kernel, n) => exports.measure(kernel, n) / 1e6,
    checksum: () => Number(exports.checksum.value),
  };
}
