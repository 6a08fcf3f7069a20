import { SHARED, UNSHARED } from "../../offline/messages";
import { Shared } from "../../offline/shared";
import { unsharedText } from "../view/offline";
import type { Intake } from "./intake";

/** The File Handling API, where an installed page has it. */
interface LaunchQueue {
  setConsumer: (consumer: (launch: { readonly files?: readonly FileSystemFileHandle[] }) => void) => void;
}

/**
 * Takes what an installed page is opened with: files that the system opens with it, and files that other applications share.
 *
 * @param tell says why shared files are not here.
 */
export function takeLaunched(open: (intake: Intake) => void, tell: (text: string) => void): void {
  const take = (files: readonly File[]): void => open({ files, folders: [], isFolder: false });
  const queue = (globalThis as { launchQueue?: LaunchQueue }).launchQueue;
  queue?.setConsumer(({ files = [] }) => {
    void Promise.allSettled(files.map((handle) => handle.getFile())).then((found) => {
      take(found.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
    });
  });
  void takeShared(take, tell);
}

async function takeShared(take: (files: readonly File[]) => void, tell: (text: string) => void): Promise<void> {
  const address = new URL(location.href);
  const [id, why] = [SHARED, UNSHARED].map((name) => address.searchParams.get(name));
  if (id == null && why == null) return;
  for (const name of [SHARED, UNSHARED]) address.searchParams.delete(name);
  // Going back or loading it again would look for files that are gone.
  history.replaceState(history.state, "", address);
  if (why != null) tell(unsharedText(why));
  if (id == null) return;
  const files = await new Shared(new URL(".", document.baseURI).href).take(id).catch(() => []);
  if (files.length > 0) take(files);
  else tell(unsharedText("gone"));
}
