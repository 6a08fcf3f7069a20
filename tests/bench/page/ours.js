// This project's client library, as a page uses it.

export async function makeOurs(threads) {
  const { connect } = await import("/client.js");
  const codec = await connect({
    url: location.origin, place: "local", workers: 1, threads, probe: false, onupgrade: "stay", memoryLimit: 3 * 2 ** 30,
  });
  if (threads > 1 && !codec.connection.interface.functions.some((each) => each.threads)) {
    throw new Error("absent: the module has no threads inside a call");
  }
  const settings = { place: "local", transfer: true };
  const coding = ({ effort, distance }) => (distance === null ? { effort, lossless: true } : { effort, distance });
  const functions = {
    async decode(task, input) {
      const { samples, width, height } = await codec.decode(input, { type: "u8", channels: 4 }, settings);
      const [first] = Array.isArray(samples) ? samples : [samples];
      return { data: first, width, height };
    },
    async encode(task, input) {
      const [, height, width, channels] = task.shape;
      const options = { width, height, channels, type: "u8", ...coding(task) };
      return { data: (await codec.encode(new Uint8Array(input), options, settings)).image, width, height };
    },
  };
  return {
    about: { module: codec.connection.module.sha256 },
    prepare(task) {
      if (!functions[task.function]) throw new Error(`absent: no ${task.function} here`);
    },
    run: (task, input) => functions[task.function](task, input),
  };
}
