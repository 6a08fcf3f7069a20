/** Where a file goes that is written bit by bit. */
export interface Sink {
  /** Takes a whole stream; what has been written is not to be seen before its end. Rejects as the stream or the disk does. */
  take: (stream: ReadableStream<Uint8Array>, signal: AbortSignal) => Promise<void>;
}

/** What there is of the File System Access API, which TypeScript's library does not have. */
interface Picker {
  showSaveFilePicker?: (options: { suggestedName: string; types: { description: string; accept: Record<string, string[]> }[] }) => Promise<FileSystemFileHandle & { remove?: () => Promise<void> }>;
}

const ZIP = { description: "Zip archive", accept: { "application/zip": [".zip"] } };

/**
 * A zip file of the user's choice where the browser lets one be written to, else a download; to be called by a click.
 *
 * @returns undefined where the user has chosen none.
 */
export async function zipSink(name: string): Promise<Sink | undefined> {
  const pick = (globalThis as Picker).showSaveFilePicker?.bind(globalThis);
  if (!pick) return downloadSink(name);
  try {
    return fileSink(await pick({ suggestedName: name, types: [ZIP] }));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    // Forbidden here: in a frame, by a policy.
    return downloadSink(name);
  }
}

/** Writes to a swap file, which takes the file's place when it is whole. */
function fileSink(handle: FileSystemFileHandle & { remove?: () => Promise<void> }): Sink {
  return {
    take: async (stream, signal) => {
      try {
        await stream.pipeTo(await handle.createWritable(), { signal });
      } catch (error) {
        // The dialogue has made an empty file: nobody wants that.
        const isEmpty = (await handle.getFile().catch(() => undefined))?.size === 0;
        if (isEmpty) await handle.remove?.().catch(() => undefined);
        throw error;
      }
    },
  };
}

/** Collects a blob, which browsers keep on disk where it is large, and downloads it. */
function downloadSink(name: string): Sink {
  return {
    take: async (stream, signal) => {
      const blob = await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>, { headers: { "Content-Type": "application/zip" } }).blob();
      signal.throwIfAborted();
      download(blob, name);
    },
  };
}

/** Hands data to the browser as a download. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the data over by then; an address that is never revoked keeps it for ever.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
