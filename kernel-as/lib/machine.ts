// Machine: what the kernel imports from the machine before arch/ is there. asc names the import's module after this file.

/** Posts a MachineRequest to the host's main thread. Returns at once. */
export declare function request(kind: i32, a: i32, b: i32): void;
