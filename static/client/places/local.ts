import { type InputBlock, Instance } from "../abi";
import { hostError } from "../errors";
import { formatMediaType } from "../media";
import type { Answer, CallRequest, Progress, Setup, Source } from "../protocol";

/** Runs calls in the module, in the worker that holds this object. */
export class LocalPlace {
  // Linear memory comes back only with garbage collection, so an instance is used again while it is small.
  private kept: Instance | undefined;

  constructor(private readonly setup: Setup) {}

  /** @throws CodecError with the module's error, or `over_capacity` where the browser has no memory left. */
  async run(request: CallRequest, report: (progress: Progress) => void): Promise<Answer> {
    const inputs = await Promise.all(request.sources.map(read));
    report({ stage: "running" });
    const started = performance.now();
    const instance = await this.instance(request.memoryLimit);
    try {
      const { result, outputs } = instance.call(request.fn.id, request.options, inputs);
      return {
        result,
        outputs: outputs.map(({ output, data }) => {
          const description = request.fn.outputs[output];
          if (!description) throw hostError("internal", `the module gave an output ${output} that it does not describe`);
          return { name: description.name, mediaType: formatMediaType(description, result, this.setup.description), data };
        }),
        module: this.setup.sha256,
        bytesIn: inputs.reduce((sum, { data }) => sum + data.length, 0),
        queued: 0,
        compute: performance.now() - started,
      };
    } finally {
      if (request.memoryLimit === undefined) this.keep(instance);
    }
  }

  private async instance(memoryLimit: number | undefined): Promise<Instance> {
    const { module, description, pages } = this.setup;
    if (memoryLimit !== undefined) return Instance.create(module, description, pages, memoryLimit);
    return this.kept ?? Instance.create(module, description, pages, this.setup.memoryLimit);
  }

  private keep(instance: Instance): void {
    this.kept = instance.spent || instance.size > this.setup.keepLimit ? undefined : instance;
  }
}

async function read({ input, data }: Source): Promise<InputBlock> {
  try {
    return { input, data: new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data) };
  } catch (error) {
    throw hostError("unreachable", "the file cannot be read any more; was it moved or changed?", error);
  }
}
