// A CPU that takes the kernel lock once and says so.

import { workerData } from "node:worker_threads";
import { kernel } from "./workerCpu.mjs";

const { memory, done } = workerData;
kernel.testLock();
Atomics.store(new Int32Array(memory.buffer), done >> 2, 1);
Atomics.notify(new Int32Array(memory.buffer), done >> 2);
kernel.testUnlock();
