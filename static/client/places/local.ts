import { type InputBlock, Instance, NotGranted } from "../abi";
import { fetchCleared } from "../compile";
import { hostError } from "../errors";
import { formatMediaType } from "../media";
import type { Answer, CallRequest, Code, Output, Setup, Source } from "../protocol";
import type { Report, RunningPlace } from "./place";

const NOTHING: Answer = {
  result: {}, outputs: [], module: "", bytesIn: 0, bytesUp: 0, bytesDown: 0, queued: 0, start: 0, compute: 0, download: 0,
};

/** Runs calls in the module, in the worker that holds this object. */
export class LocalPlace implements RunningPlace {
  // Linear memory comes back only with garbage collection, so an instance is used again while it is small.
  private kept: Instance | undefined;
  /** Of the pushed call that runs. */
  private opened: { instance: Instance; start: number; bytesIn: number } | undefined;

  private shares: boolean;

  /** @param code the module, as soon as it is there. */
  constructor(
    private readonly setup: Setup,
    private code: Promise<Code>,
  ) {
    this.shares = setup.shares;
  }

  /** @throws CodecError with the module's error, or `over_capacity` where the platform has no memory left. */
  async run(request: CallRequest, { progress, team }: Report): Promise<Answer> {
    const inputs = await Promise.all(request.sources.map(read));
    const began = performance.now();
    const instance = await this.instance(request.memoryLimit);
    progress({ stage: "running" });
    const started = performance.now();
    try {
      this.muster(instance, request, team);
      const { result, outputs } = instance.call(request.fn.id, request.options, inputs);
      return {
        result,
        outputs: outputs.map(({ output, data }) => this.output(request, result, output, data)),
        module: this.setup.sha256,
        bytesIn: inputs.reduce((sum, { data }) => sum + data.length, 0),
        bytesUp: 0,
        bytesDown: 0,
        queued: 0,
        start: started - began,
        compute: performance.now() - started,
        download: 0,
      };
    } finally {
      instance.dismiss();
      if (request.memoryLimit === undefined) this.keep(instance);
    }
  }

  /** Begins a pushed call. @throws CodecError as `run`. */
  async open(request: CallRequest, { team }: Report): Promise<Answer> {
    const inputs = await Promise.all(request.sources.map(read));
    const began = performance.now();
    const instance = await this.instance(request.memoryLimit);
    const start = performance.now() - began;
    // Another one is made where this one is not given back at the end.
    this.kept = undefined;
    try {
      this.muster(instance, request, team);
      instance.open(request.fn.id, request.options, inputs);
    } catch (thrown) {
      instance.dismiss();
      throw thrown;
    }
    this.opened = { instance, start, bytesIn: inputs.reduce((sum, { data }) => sum + data.length, 0) };
    return { ...NOTHING, module: this.setup.sha256, bytesIn: this.opened.bytesIn, start };
  }

  /** Gives a piece to the pushed call. @throws CodecError as `run`. */
  async push(request: CallRequest, piece: Blob | ArrayBuffer, isLast: boolean, { progress }: Report): Promise<Answer> {
    const { data } = await read({ input: 0, data: piece });
    if (!this.opened) throw hostError("internal", "a piece came without a call");
    const { instance } = this.opened;
    progress({ stage: "running" });
    const started = performance.now();
    const { result, outputs } = instance.push(data, isLast);
    this.opened.bytesIn += data.length;
    return {
      ...NOTHING,
      result,
      outputs: outputs.map((each) => this.output(request, result, each.output, each.data)),
      module: this.setup.sha256,
      bytesIn: this.opened.bytesIn,
      compute: performance.now() - started,
    };
  }

  /** Ends the pushed call, wherever it is. */
  end(): void {
    this.opened?.instance.dismiss();
    if (this.opened) this.keep(this.opened.instance);
    this.opened = undefined;
  }

  private muster(instance: Instance, { threads }: CallRequest, team: Report["team"]): void {
    const shared = this.shares ? instance.muster(threads - 1) : undefined;
    if (!shared || team(shared)) return;
    // Some engines send no memory from isolated pages either.
    instance.dismiss();
    this.shares = false;
  }

  private output(request: CallRequest, result: Record<string, unknown>, index: number, data: ArrayBuffer): Output {
    const description = request.fn.outputs[index];
    if (!description) throw hostError("internal", `the module gave an output ${index} that it does not describe`);
    return { name: description.name, mediaType: formatMediaType(description, result, this.setup.description), data };
  }

  private async instance(memoryLimit: number | undefined): Promise<Instance> {
    if (memoryLimit === undefined && this.kept) return this.kept;
    const { description, moduleUrl, sha256 } = this.setup;
    const limit = memoryLimit ?? this.setup.memoryLimit;
    const code = await this.code;
    try {
      return await Instance.create(code, description, limit);
    } catch (error) {
      if (!(error instanceof NotGranted)) throw error;
      this.code = fetchCleared(moduleUrl, sha256);
      return Instance.create(await this.code, description, limit);
    }
  }

  private keep(instance: Instance): void {
    this.kept = instance.spent || instance.size > this.setup.keepLimit ? undefined : instance;
  }
}

async function read({ input, data }: Source): Promise<InputBlock> {
  try {
    return { input, data: new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data) };
  } catch (error) {
    if (error instanceof RangeError) throw hostError("over_capacity", "there is no memory left here for the input", error);
    throw hostError("unreachable", "the file cannot be read any more; was it moved or changed?", error);
  }
}
