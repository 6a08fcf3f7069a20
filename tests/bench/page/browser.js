// The browser's own decoder: ImageDecoder (WebCodecs), and its samples copied out as RGBA.

const TYPE = "image/jxl";

export async function makeBrowser() {
  const able = typeof ImageDecoder === "function" && (await ImageDecoder.isTypeSupported(TYPE));
  if (!able) throw new Error("absent: this browser has no JPEG XL decoder");
  return {
    about: {},
    prepare(task) {
      if (task.function !== "decode") throw new Error("absent: a decoder alone");
      if (task.shape[0] > 1) throw new Error("absent: measured for stills alone");
    },
    async run(task, input) {
      const decoder = new ImageDecoder({ data: input, type: TYPE, transfer: [input] });
      const { image } = await decoder.decode();
      const { codedWidth: width, codedHeight: height } = image;
      const data = new Uint8Array(4 * width * height);
      await image.copyTo(data, { format: "RGBA" });
      image.close();
      decoder.close();
      return { data, width, height };
    },
  };
}
