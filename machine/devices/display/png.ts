// PNG: writes an RGBA picture as a file (PNG specification, 2nd edition). One IDAT chunk, no filters, zlib from the platform's
// CompressionStream, which Node and browsers share.

import type { Picture } from "./scanout.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const BIT_DEPTH = 8;
const COLOUR_RGBA = 6;
const CRC_POLYNOMIAL = 0xedb88320;

export async function pngEncode(picture: Picture): Promise<Uint8Array<ArrayBuffer>> {
  const header = new Uint8Array(13);
  const fields = new DataView(header.buffer);
  fields.setUint32(0, picture.width);
  fields.setUint32(4, picture.height);
  header[8] = BIT_DEPTH;
  header[9] = COLOUR_RGBA;
  const chunks = [
    chunk("IHDR", header),
    chunk("IDAT", await deflate(scanLines(picture))),
    chunk("IEND", new Uint8Array(0)),
  ];
  return join([new Uint8Array(SIGNATURE), ...chunks]);
}

/** Every row with its filter type, none, in front. */
function scanLines({ width, height, data }: Picture): Uint8Array<ArrayBuffer> {
  const rowBytes = width * 4;
  const lines = new Uint8Array(height * (rowBytes + 1));
  for (let y = 0; y < height; y++) {
    lines.set(data.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  }
  return lines;
}

function chunk(type: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(12 + content.length);
  const view = new DataView(result.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) result[4 + i] = type.charCodeAt(i);
  result.set(content, 8);
  view.setUint32(8 + content.length, crc32(result.subarray(4, 8 + content.length)));
  return result;
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new CompressionStream("deflate");
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  const parts: Uint8Array[] = [];
  const reader = stream.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
  }
  await written;
  return join(parts);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ CRC_POLYNOMIAL : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
