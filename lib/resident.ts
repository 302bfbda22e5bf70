// Keeping a long-lived program's memory in use constant: what it will touch, it touches at the start.

/** Touches every page of static data. From then on only the heap and the stack can make the program larger. */
export function staticDataTouch(): void {
  for (let p: usize = DATA_START; p < __heap_base; p += 4096) store<u8>(p, load<u8>(p));
}

/** memoryBase of lib/asconfig.json. */
const DATA_START: usize = 65536;
