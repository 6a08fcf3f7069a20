import type { Living, Which } from "./messages";

/** Milliseconds that a page has to answer: one that is frozen, or still loads, does not. */
const PATIENCE = 2000;

/** Asks all pages what they live on; nothing where one of them does not say. */
export async function living(clients: Clients, isPage: (url: string) => boolean): Promise<Living[] | undefined> {
  const pages = (await clients.matchAll({ type: "window", includeUncontrolled: true })).filter(({ url }) => isPage(url));
  const said = await Promise.all(pages.map(ask));
  const known = said.filter((each) => each !== undefined);
  return known.length === said.length ? known : undefined;
}

function ask(page: Client): Promise<Living | undefined> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<Living>) => resolve(data);
    setTimeout(resolve, PATIENCE, undefined);
    page.postMessage({ type: "which" } satisfies Which, [port2]);
  });
}
