// Runs jobs in a browser, one after the other, until the page is closed: gets each from the server that the page came
// from, has the client library do it in its local place, and posts what came of it.
import { connect } from "./client.js";

const ALIVE_EVERY = 2000;

/** Bytes of what the client library gives for one output buffer. */
const bytesOf = (value) => new Uint8Array(value.buffer, value.byteOffset, value.byteLength);

const failureOf = ({ code, message, option, input }) => ({ code: code ?? "internal", message, option, input });

const get = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: status ${response.status}`);
  return response;
};

/** A reply as it is posted: fields of the result, and the outputs by name, which the client library gives among them. */
function replyOf(job, answer) {
  const { provenance, ...result } = answer;
  const outputs = job.outputs.flatMap((name) => {
    const value = result[name];
    delete result[name];
    return value === undefined ? [] : [].concat(value).map((each) => [name, bytesOf(each)]);
  });
  return { result, outputs };
}

/** A call's arguments: required inputs by position, the others among the options. */
function argumentsOf(codec, job, buffers) {
  const fn = codec.connection.interface.functions.find(({ name }) => name === job.function);
  const given = new Map(job.inputs.map(({ name }) => [name, []]));
  job.inputs.forEach(({ name }, index) => given.get(name).push(buffers[index]));
  const valueOf = ({ name, repeated }) => (repeated ? given.get(name) : given.get(name)?.[0]);
  const optional = fn.inputs.filter((each) => each.optional && given.has(each.name));
  const options = { ...job.options, ...Object.fromEntries(optional.map((each) => [each.name, valueOf(each)])) };
  return [...fn.inputs.filter((each) => !each.optional && each.name !== job.pushed?.name).map(valueOf), options];
}

async function call(codec, job, buffers) {
  try {
    return [replyOf(job, await codec[job.function](...argumentsOf(codec, job, buffers), { place: "local" }))];
  } catch (error) {
    return [{ failure: failureOf(error) }];
  }
}

async function push(codec, job, buffers) {
  const cut = buffers.slice(job.inputs.length);
  const replies = [];
  let stream;
  try {
    stream = codec[job.function].pushed(...argumentsOf(codec, job, buffers), { place: "local" });
    for (const piece of cut.slice(0, -1)) {
      const [answer] = await stream.push(piece);
      replies.push(answer ? replyOf(job, answer) : { result: {} });
    }
    replies.push(replyOf(job, await stream.finish(cut.at(-1))));
  } catch (error) {
    replies.push({ failure: failureOf(error) });
  } finally {
    stream?.close();
  }
  return replies;
}

/**
 * The client library: with the shared bit of the memory import cleared, or with threads. Each number of threads takes a connection
 * of its own.
 */
const codecs = new Map();

function codecFor(threads) {
  if (!codecs.has(threads)) {
    const options = { place: "local", workers: 1, probe: false, onupgrade: "stay", memoryLimit: 3 * 2 ** 30 };
    codecs.set(threads, connect({ ...options, threads, sharedMemory: threads > 1 }));
  }
  return codecs.get(threads);
}

/** The module's bytes as they are, with shared memory, in a worker that speaks its binary interface itself. */
const shared = new (class {
  worker;

  async run(job, buffers) {
    this.worker ??= new Worker("shared.js", { type: "module" });
    const { worker } = this;
    const replies = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.replies));
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage({ job, buffers });
    });
    return replies;
  }
})();

function packed(replies) {
  const header = replies.map(({ result, failure, outputs = [] }) => ({
    result,
    failure,
    outputs: outputs.map(([name, data]) => [name, data.length]),
  }));
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length, true);
  return new Blob([length, text, ...replies.flatMap(({ outputs = [] }) => outputs.map(([, data]) => data))]);
}

async function perform(job) {
  const count = job.inputs.length + (job.pushed?.pieces ?? 0);
  const addresses = Array.from({ length: count }, (_, row) => `inputs/${job.number}/${row}`);
  const buffers = [];
  for (const address of addresses) buffers.push(await (await get(address)).arrayBuffer());
  const local = job.pushed ? push : call;
  const replies = job.shared ? await shared.run(job, buffers) : await local(await codecFor(job.threads), job, buffers);
  await fetch(`replies/${job.number}`, { method: "POST", body: packed(replies) });
}

async function main() {
  await codecFor(1);
  setInterval(() => void fetch("alive").catch(() => undefined), ALIVE_EVERY);
  let done = 0;
  for (;;) {
    const response = await get(`next/${done}`);
    if (response.status === 204) continue;
    const job = await response.json();
    await perform(job);
    done = job.number;
  }
}

main().catch((error) => fetch("failed", { method: "POST", body: String(error?.stack ?? error) }));
