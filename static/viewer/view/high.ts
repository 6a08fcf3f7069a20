import type { Overlay, Stage } from "./stage";

/** Samples for an HDR screen: half floats, RGBA, Display P3 with its own transfer function, alpha premultiplied. */
export interface HighSamples {
  samples: Uint16Array<ArrayBuffer>;
  width: number;
  height: number;
  /** How many times the page's white is as bright as 1.0. */
  gain: number;
}

/** Extended range for canvases, where the browser has it. */
const FORMAT: GPUTextureFormat = "rgba16float";
const BYTES = 8;
/** Usages of WebGPU's buffers and textures by their numbers: TypeScript's own types leave these names out. */
const BUFFER_UNIFORM_COPY = 0x40 | 0x08;
const TEXTURE_BINDING_COPY = 0x04 | 0x02;
/** Floats of the uniforms: two rows of the map to the picture, then size, gain, and pixels of the picture for each of the screen. */
const UNIFORMS = 12;

const SHADER = `
struct Seen { across: vec4f, down: vec4f, size: vec2f, gain: f32, step: f32 }
@group(0) @binding(0) var<uniform> seen: Seen;
@group(0) @binding(1) var picture: texture_2d<f32>;

@vertex fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  let at = vec2f(f32((index << 1u) & 2u), f32(index & 2u));
  return vec4f(at * 2.0 - 1.0, 0.0, 1.0);
}

fn linear(value: vec3f) -> vec3f {
  let size = abs(value);
  return sign(value) * select(pow((size + 0.055) / 1.055, vec3f(2.4)), size / 12.92, size <= vec3f(0.04045));
}

fn coded(value: vec3f) -> vec3f {
  let size = abs(value);
  return sign(value) * select(1.055 * pow(size, vec3f(1.0 / 2.4)) - 0.055, size * 12.92, size <= vec3f(0.0031308));
}

fn at(point: vec2f) -> vec4f {
  return textureLoad(picture, vec2i(clamp(floor(point), vec2f(0.0), seen.size - 1.0)), 0);
}

@fragment fn colour(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let here = vec3f(position.xy, 1.0);
  let point = vec2f(dot(seen.across.xyz, here), dot(seen.down.xyz, here));
  if (any(point < vec2f(0.0)) || any(point >= seen.size)) { return vec4f(0.0); }
  // Reduced, a pixel of the screen is the mean of those under it; of many, of some of them.
  let count = i32(clamp(ceil(seen.step), 1.0, 8.0));
  var sum = vec4f(0.0);
  for (var row = 0; row < count; row++) {
    for (var column = 0; column < count; column++) {
      let shift = (vec2f(f32(column), f32(row)) + 0.5) / f32(count) - 0.5;
      let sample = at(point + select(vec2f(0.0), shift * seen.step, count > 1));
      let straight = sample.rgb / max(sample.a, 1e-6);
      sum += vec4f(linear(straight) * seen.gain * sample.a, sample.a);
    }
  }
  let mean = sum / f32(count * count);
  return vec4f(coded(mean.rgb / max(mean.a, 1e-6)) * mean.a, mean.a);
}`;

/** Draws a picture brighter than white, over the canvas that shows it tone-mapped. */
export class HighView implements Overlay {
  private picture: { texture: GPUTexture; bindings: GPUBindGroup; width: number; height: number; gain: number } | undefined;

  private constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly context: GPUCanvasContext,
    private readonly device: GPUDevice,
    private readonly pipeline: GPURenderPipeline,
    private readonly uniforms: GPUBuffer,
  ) {}

  /** Makes it for a canvas; undefined where the browser cannot show more than white on a page. */
  static async make(canvas: HTMLCanvasElement): Promise<HighView | undefined> {
    // Not in every browser, and not on insecure pages, whatever the types say.
    const gpu = (navigator as { gpu?: GPU }).gpu;
    const adapter = await gpu?.requestAdapter();
    const device = await adapter?.requestDevice();
    const context = device && (canvas.getContext("webgpu") as GPUCanvasContext | null);
    if (!device || !context) return undefined;
    context.configure({ device, format: FORMAT, colorSpace: "display-p3", toneMapping: { mode: "extended" }, alphaMode: "premultiplied" });
    // Browsers that do not know tone mapping leave it out of what they tell.
    if (context.getConfiguration()?.toneMapping?.mode !== "extended") return undefined;
    const module = device.createShaderModule({ code: SHADER });
    const pipeline = await device.createRenderPipelineAsync({
      layout: "auto",
      vertex: { module, entryPoint: "corner" },
      fragment: { module, entryPoint: "colour", targets: [{ format: FORMAT }] },
    });
    const uniforms = device.createBuffer({ size: UNIFORMS * 4, usage: BUFFER_UNIFORM_COPY });
    return new HighView(canvas, context, device, pipeline, uniforms);
  }

  /** Pixels on a side that a picture may have. */
  get limit(): number {
    return this.device.limits.maxTextureDimension2D;
  }

  /** A promise that is kept when the device is gone, and nothing is drawn any more. */
  get lost(): Promise<unknown> {
    return this.device.lost;
  }

  /** Shows samples, or none. */
  load(samples: HighSamples | undefined): void {
    this.picture?.texture.destroy();
    this.picture = undefined;
    this.canvas.hidden = samples === undefined;
    if (!samples) return;
    const { width, height, gain } = samples;
    const texture = this.device.createTexture({ size: [width, height], format: FORMAT, usage: TEXTURE_BINDING_COPY });
    this.device.queue.writeTexture({ texture }, samples.samples, { bytesPerRow: width * BYTES }, [width, height]);
    const bindings = this.device.createBindGroup({
      layout: this.pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: this.uniforms } },
        { binding: 1, resource: texture.createView() },
      ],
    });
    this.picture = { texture, bindings, width, height, gain };
  }

  draw(stage: Stage): void {
    const { picture, canvas, device } = this;
    if (!picture) return;
    const size = stage.size;
    if (canvas.width !== size.width || canvas.height !== size.height) [canvas.width, canvas.height] = [size.width, size.height];
    const [origin, across, down] = [stage.under({ x: 0, y: 0 }), stage.under({ x: 1, y: 0 }), stage.under({ x: 0, y: 1 })];
    const step = 1 / stage.viewport.value.scale;
    const uniforms = [
      across.x - origin.x, down.x - origin.x, origin.x, 0,
      across.y - origin.y, down.y - origin.y, origin.y, 0,
      picture.width, picture.height, picture.gain, step,
    ];
    device.queue.writeBuffer(this.uniforms, 0, new Float32Array(uniforms));
    const encoder = device.createCommandEncoder();
    const view = this.context.getCurrentTexture().createView();
    const pass = encoder.beginRenderPass({ colorAttachments: [{ view, loadOp: "clear", storeOp: "store", clearValue: [0, 0, 0, 0] }] });
    pass.setPipeline(this.pipeline);
    pass.setBindGroup(0, picture.bindings);
    pass.draw(3);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }
}
