// Dropping a file on the page, as the browser would report it.

import type { Page } from "@playwright/test";

export async function dropFile(page: Page, name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, bytes }) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name, { type: "application/wasm" }));
      return data;
    },
    { name, bytes: [...bytes] },
  );
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent("#terminal", type, { dataTransfer: transfer });
  }
}
