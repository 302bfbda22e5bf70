import { describe, expect, it } from "vitest";
import { System } from "./system.ts";

describe("boot", () => {
  it("logs what it finds and leaves init in the start queue", () => {
    const system = new System();
    const log = system.log();
    expect(log).toContain("PAT: WB WT UC- UC WB WT WC UC\n");
    expect(log).toContain("paging on, CR3 0x");
    expect(log).toContain("00:02.0 1234:1111 display BAR0 0xe0000000 32 MiB prefetchable");
    expect(log).toContain("initrd: 4 files");
    expect(system.output()).toBe(log);
    const init = system.start();
    expect(init.pid).toBe(1);
    expect(init.sys("getpid")).toBe(1);
  });
});
