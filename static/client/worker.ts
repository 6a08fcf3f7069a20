/** The entry of a browser's worker. */
import type { FromWorker, ToWorker } from "./protocol";
import { Server } from "./serve";

interface Scope {
  postMessage: (message: FromWorker, transfer?: Transferable[]) => void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = self as unknown as Scope;
const server = new Server((message, transfer) => scope.postMessage(message, transfer));
scope.onmessage = ({ data }) => server.receive(data);
