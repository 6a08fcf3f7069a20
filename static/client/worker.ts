/** The worker's entry: runs one call at a time, in the place that the request names. */
import { CodecError, type ErrorFields, hostError, messageOf } from "./errors";
import { sha256 } from "./hash";
import { LocalPlace } from "./places/local";
import { ServerPlace } from "./places/server";
import type { Answer, CallRequest, FromWorker, Progress, ToWorker } from "./protocol";

interface Scope {
  postMessage: (message: FromWorker, transfer?: Transferable[]) => void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = self as unknown as Scope;
let places: { local: LocalPlace; server: ServerPlace } | undefined;

scope.onmessage = ({ data }) => {
  if (data.type === "setup") places = { local: new LocalPlace(data), server: new ServerPlace(data) };
  else void serve(data.request);
};

async function serve(request: CallRequest): Promise<void> {
  try {
    const answer = await run(request);
    scope.postMessage({ type: "answer", answer }, answer.outputs.map((each) => each.data));
  } catch (thrown) {
    scope.postMessage({ type: "error", error: fieldsOf(thrown) });
  }
}

async function run(request: CallRequest): Promise<Answer> {
  if (!places) throw hostError("internal", "the worker was called before it was set up");
  const report = (progress: Progress): void => scope.postMessage({ type: "progress", progress });
  const answer = await places[request.place].run(request, report);
  if (request.digest) for (const output of answer.outputs) output.sha256 = await sha256(output.data);
  return answer;
}

function fieldsOf(thrown: unknown): ErrorFields {
  return thrown instanceof CodecError ? thrown.fields : { code: "internal", message: messageOf(thrown) };
}
