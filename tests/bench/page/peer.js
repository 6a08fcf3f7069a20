// Codecs of others, in a worker as ours.

export async function makePeer(name, threads) {
  const worker = new Worker(new URL("./peer.worker.js", import.meta.url), { type: "module" });
  let settle;
  worker.onmessage = ({ data }) => (data.error ? settle.reject(new Error(data.error)) : settle.resolve(data));
  worker.onerror = (event) => settle.reject(new Error(event.message));
  const ask = (message, transferred = []) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      worker.postMessage(message, transferred);
    });
  return {
    about: await ask({ start: name, threads }),
    prepare: (task) => ask({ prepare: task }),
    run: (task, input) => ask({ run: task, input }, [input]),
    fetch: async () => (await ask({ fetch: true })).data,
  };
}
