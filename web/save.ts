// Files for the person: a blob handed to the browser's download, and several files packed as one .tar.gz (POSIX 1003.1 ustar).

const BLOCK = 512;

export function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Packs the files; the copies are taken before the first await, so they show one moment. */
export async function packFiles(
  files: readonly { name: string; bytes: Uint8Array }[],
): Promise<Blob> {
  const parts: BlobPart[] = [];
  for (const file of files) {
    parts.push(tarHeader(file.name, file.bytes.length));
    // A blob cannot be made over shared memory: copy.
    parts.push(new Uint8Array(file.bytes));
    parts.push(new Uint8Array(-file.bytes.length & (BLOCK - 1)));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const packed = new Blob(parts).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(packed).blob();
}

/** The header block of a plain file of mode 644, owner 0, time 0. `name` has at most 99 bytes. */
export function tarHeader(name: string, bytes: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, text: string): void => {
    new TextEncoder().encodeInto(text, block.subarray(offset));
  };
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  put(0, name);
  put(100, octal(0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(bytes, 11));
  put(136, octal(0, 11));
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\0");
  put(263, "00");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `);
  return block;
}
