import { ApiError, type Attachment } from "@chatconnect/protocol";

/** What the server cannot know of a file without playing it. */
export interface MediaFacts {
  /** Pixels, as displayed. */
  width?: number;
  height?: number;
  durationMs?: number;
}

export interface Upload {
  file: Blob;
  name: string;
  facts?: MediaFacts;
  signal: AbortSignal;
  /** From 0 to 1. */
  onProgress(part: number): void;
}

/**
 * Uploads a file. `fetch` tells nobody how far an upload is, so that this is an XMLHttpRequest.
 *
 * Fails with an ApiError, or with the reason of the signal.
 */
export function upload({ file, name, facts = {}, signal, onProgress }: Upload): Promise<Attachment> {
  const form = new FormData();
  // The server reads in this order: the facts come before the file that they are about.
  for (const [fact, value] of Object.entries(facts)) form.append(fact, String(value));
  form.append("file", file, name);

  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => {
      request.abort();
      reject(signal.reason as Error);
    };
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status === 201) resolve((answer as { attachment: Attachment }).attachment);
      else reject(new ApiError(request.status, answer as ConstructorParameters<typeof ApiError>[1]));
    };
    request.onerror = () => reject(new ApiError(0, {}));
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.open("POST", "/api/v1/attachments");
    request.send(form);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
