/** The entry of a thread of Node. */
import { parentPort } from "node:worker_threads";
import type { ToWorker } from "./protocol";
import { Server } from "./serve";

const server = new Server((message, transfer) => parentPort?.postMessage(message, (transfer ?? []) as ArrayBuffer[]));
parentPort?.on("message", (message: ToWorker) => server.receive(message));
