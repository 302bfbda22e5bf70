// Fetching one file with progress and checking that it is the file that was promised.

export interface Wanted {
  url: string;
  bytes: number;
  /** Lower-case hexadecimal; not checked when absent. */
  sha256?: string;
}

export type Download = { ok: true; bytes: Uint8Array<ArrayBuffer> } | { ok: false; reason: string };

/** Fetches `wanted`, calling `progress` with the bytes so far. On failure the reason is half a sentence for "NAME: ...". */
export async function download(
  wanted: Wanted,
  progress: (done: number) => void,
): Promise<Download> {
  let response: Response;
  try {
    response = await fetch(new URL(wanted.url, document.baseURI));
  } catch {
    return { ok: false, reason: unreachable() };
  }
  if (!response.ok || response.body === null) {
    return { ok: false, reason: `the server answered ${response.status}.` };
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  try {
    const reader = response.body.getReader();
    for (;;) {
      const part = await reader.read();
      if (part.done) break;
      done += part.value.length;
      if (done > wanted.bytes) {
        await reader.cancel();
        break;
      }
      parts.push(part.value);
      progress(done);
    }
  } catch {
    return { ok: false, reason: `the connection broke after ${done} bytes.` };
  }
  if (done !== wanted.bytes) {
    return {
      ok: false,
      reason: "the file on the server is not the one on the list (its size differs).",
    };
  }
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  if (wanted.sha256 !== undefined && (await sha256(bytes)) !== wanted.sha256) {
    return {
      ok: false,
      reason: "the file on the server is not the one on the list (its SHA-256 differs).",
    };
  }
  return { ok: true, bytes };
}

function unreachable(): string {
  return navigator.onLine
    ? "the server cannot be reached."
    : "you are offline; connect and try again.";
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
