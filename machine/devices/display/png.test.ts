import { PNG } from "pngjs";
import { expect, it } from "vitest";
import { pngEncode } from "./png.ts";

it("is read back by another decoder, pixel by pixel", async () => {
  const width = 37;
  const height = 21;
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (i * 31 + (i >> 5)) & 0xff,
  );
  const decoded = PNG.sync.read(Buffer.from(await pngEncode({ width, height, data })));
  expect([decoded.width, decoded.height]).toEqual([width, height]);
  expect(new Uint8Array(decoded.data)).toEqual(data);
});
