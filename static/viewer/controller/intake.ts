/** What was dropped, pasted or picked. */
export interface Intake {
  files: readonly File[];
  /** Folders still to be walked. */
  folders: readonly FileSystemDirectoryEntry[];
  /** Whether the files are those of a folder: then only pictures among them are wanted. */
  isFolder: boolean;
}

/** Entries that are looked at in folders, pictures or not. */
const MOST_ENTRIES = 100_000;

/** What is found in folders. */
export interface Walked {
  files: File[];
  /** Files that could not be had. */
  unreadable: number;
  /** Whether the walk ended here because there are too many entries. */
  isCut: boolean;
}

/**
 * Walks through folders, reading no faster than what is found is taken.
 *
 * @param most entries that are looked at.
 */
export async function* walk(folders: readonly FileSystemDirectoryEntry[], signal: AbortSignal, most = MOST_ENTRIES): AsyncGenerator<Walked, void, undefined> {
  const left: FileSystemDirectoryEntry[] = [...folders];
  let met = 0;
  for (let folder = left.shift(); folder; folder = left.shift()) {
    const reader = folder.createReader();
    const inside: FileSystemDirectoryEntry[] = [];
    for (let batch = await read(reader, signal); batch.length > 0; batch = await read(reader, signal)) {
      inside.push(...batch.filter(isDirectory));
      const found = await Promise.all(batch.filter(isFile).map(fileOf));
      met += batch.length;
      const files = found.filter((file) => file !== undefined);
      yield { files, unreadable: found.length - files.length, isCut: met >= most };
      if (met >= most) return;
    }
    left.unshift(...inside);
  }
}

/** The next entries of a folder, about a hundred; none at its end, where it cannot be read, or when the walk is over. */
function read(reader: FileSystemDirectoryReader, { aborted }: AbortSignal): Promise<FileSystemEntry[]> {
  if (aborted) return Promise.resolve([]);
  return new Promise((resolve) => {
    reader.readEntries(resolve, () => resolve([]));
  });
}

function fileOf(entry: FileSystemFileEntry): Promise<File | undefined> {
  return new Promise((resolve) => {
    entry.file(resolve, () => resolve(undefined));
  });
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** Items of a drop up to which each is asked whether it is a folder: browsers look at the disk for that, while the page waits. */
const FEW = 8;

/**
 * Takes what was dropped; only while the event is handled can it be had.
 *
 * @param isPicture whether a name is a picture's: of many items, those are taken for files.
 */
export function dropped(transfer: DataTransfer, isPicture: (file: File) => boolean): Intake {
  const files: File[] = [];
  const folders: FileSystemDirectoryEntry[] = [];
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  for (const item of items) {
    const file = item.getAsFile();
    const isFolder = items.length <= FEW || (file !== null && !isPicture(file));
    const entry = isFolder ? item.webkitGetAsEntry() : null;
    if (entry && isDirectory(entry)) folders.push(entry);
    else if (file) files.push(file);
  }
  return { files, folders, isFolder: false };
}
