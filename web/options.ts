// What the page's address may ask for: ?ram=64M (a multiple of 4 KiB up to 1 GiB) and
// ?webgpu=0 or 1 (never, or also when it is emulated in software) and ?disk=off (no disk: /home is forgotten).

const UNITS: Record<string, number> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const RAM_LEAST = 2 ** 20 * 8;
const RAM_MOST = 2 ** 30;

export interface PageOptions {
  ramBytes?: number;
  webgpu?: boolean;
  disk?: false;
}

/** The options of a query string, or a sentence about the first that makes no sense. */
export function readOptions(query: string): PageOptions | string {
  const parameters = new URLSearchParams(query);
  const options: PageOptions = {};
  const ram = parameters.get("ram");
  if (ram !== null) {
    const bytes = parseBytes(ram);
    if (bytes === null || bytes % 4096 !== 0 || bytes < RAM_LEAST || bytes > RAM_MOST) {
      return `ram=${ram} in the address is not a multiple of 4 KiB between 8M and 1G.`;
    }
    options.ramBytes = bytes;
  }
  const webgpu = parameters.get("webgpu");
  if (webgpu !== null) options.webgpu = webgpu !== "0";
  const disk = parameters.get("disk");
  if (disk !== null && disk !== "on" && disk !== "off")
    return `disk=${disk} in the address is neither on nor off.`;
  if (disk === "off") options.disk = false;
  return options;
}

/** "64M", "20484K", "1G" or plain bytes; null when it is none of them. */
export function parseBytes(text: string): number | null {
  const match = /^(\d{1,12})([KMG]?)$/i.exec(text);
  if (match === null) return null;
  return Number(match[1]) * (UNITS[(match[2] ?? "").toUpperCase()] ?? 1);
}

/** A size for people: "3.6 MB" (powers of ten, as browsers and file managers show downloads). */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} KB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
