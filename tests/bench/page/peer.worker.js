// Runs @jsquash/jxl or jxl-oxide-wasm.

const JSQUASH = "/peers/@jsquash/jxl/";
const OXIDE = "/peers/jxl-oxide-wasm/";
// What Squoosh's encoder makes a distance of 1 of: 0.1 + 0.09 (100 - quality).
const QUALITY_OF_DISTANCE_1 = 90;

const absent = (why) => {
  throw new Error(`absent: ${why}`);
};

async function jsquash(threads) {
  const { initEmscriptenModule } = await import(`${JSQUASH}utils.js`);
  const { defaultOptions } = await import(`${JSQUASH}meta.js`);
  // The builds that its own encode.js chooses between: one thread; threads and SIMD where the page is isolated.
  const build = threads > 1 ? "jxl_enc_mt_simd" : "jxl_enc";
  const made = {};
  const decoder = async () => (made.decoder ??= await initEmscriptenModule((await import(`${JSQUASH}codec/dec/jxl_dec.js`)).default));
  const encoder = async () => (made.encoder ??= await initEmscriptenModule((await import(`${JSQUASH}codec/enc/${build}.js`)).default));
  const functions = {
    async decode(task, input) {
      const { data, width, height } = (await decoder()).decode(input);
      return { data: data.buffer, width, height };
    },
    async encode(task, input) {
      const [, height, width] = task.shape;
      const coding = task.distance === null ? { lossless: true, quality: 100 } : { quality: QUALITY_OF_DISTANCE_1 };
      const options = { ...defaultOptions, effort: task.effort, ...coding };
      const view = (await encoder()).encode(new Uint8ClampedArray(input), width, height, options);
      if (!view) throw new Error("encoding failed");
      return { data: view.slice().buffer, width, height };
    },
  };
  return {
    about: { build: threads > 1 ? `${build}, ${navigator.hardwareConcurrency} threads` : `jxl_dec, ${build}` },
    prepare(task) {
      const [frames, , , channels] = task.shape;
      if (!functions[task.function]) absent(`no ${task.function} here`);
      if (frames > 1) absent("no animations");
      if (task.function === "decode" && threads > 1) absent("its decoder has no threads");
      if (task.function === "encode" && channels !== 4) absent("it encodes RGBA alone");
      if (task.distance !== null && task.distance !== 1) absent("its quality is known for distance 1 alone");
    },
    run: (task, input) => functions[task.function](task, input),
  };
}

async function oxide() {
  const { default: init, JxlImage, version } = await import(`${OXIDE}jxl_oxide_wasm.js`);
  await init();
  let rendered;
  return {
    about: { version: version() },
    prepare(task) {
      if (task.function !== "decode") absent("a decoder alone");
      if (task.shape[0] > 1) absent("measured for stills alone");
    },
    // Ends with the rendered picture in the module's memory: its samples come out as a PNG file alone, whose making is not counted.
    run(task, input) {
      rendered?.free();
      const image = new JxlImage();
      image.forceSrgb = true;
      image.feedBytes(new Uint8Array(input));
      if (!image.tryInit()) throw new Error("the file is not whole");
      rendered = image.render();
      const { width, height } = image;
      image.free();
      return { width, height };
    },
    fetch() {
      // Uses the picture up.
      const data = rendered.encodeToPng().slice().buffer;
      rendered = undefined;
      return { data };
    },
  };
}

let side;

onmessage = async ({ data: asked }) => {
  try {
    let answer = {};
    if (asked.start) {
      side = asked.start === "jsquash" ? await jsquash(asked.threads) : await oxide();
      answer = side.about;
    } else if (asked.prepare) side.prepare(asked.prepare);
    else if (asked.run) answer = await side.run(asked.run, asked.input);
    else answer = side.fetch();
    postMessage(answer, answer.data ? [answer.data] : []);
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
};
