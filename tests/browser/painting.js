// Paints a file while it arrives: a function of its address and of the codec that `driver.js` has connected.
async ([url, timeLimit]) => {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const paint = (picture) => {
    [canvas.width, canvas.height] = [picture.width, picture.height];
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const error = ({ code, message, name }) => ({ code, message, name });
  const controller = new AbortController();
  const stream = driver.codec.decode.pushed({}, { as: "picture", signal: controller.signal, timeLimit: timeLimit ?? undefined });
  window.painting = {
    controller,
    stream,
    painted: [],
    received: 0,
    last: undefined,
    error: undefined,
    paint,
    // Mean squared error of each painting to the last one.
    errors() {
      const all = [...this.painted, this.last];
      return all.map((data) => data.reduce((sum, value, index) => sum + (value - this.last[index]) ** 2, 0) / data.length);
    },
    async differs(file) {
      const whole = paint((await driver.codec.decode(file, {}, { as: "picture", place: "local" })).picture);
      return whole.some((value, index) => value !== this.last[index]);
    },
  };
  const run = async () => {
    const { body } = await fetch(url);
    const counting = new TransformStream({
      transform: (chunk, controller) => {
        painting.received += chunk.length;
        controller.enqueue(chunk);
      },
    });
    for await (const { picture } of stream.from(body.pipeThrough(counting))) {
      if (picture) painting.painted.push(paint(picture));
    }
    const last = await stream.finish();
    painting.provenance = last.provenance.place;
    // A picture that was whole before the last byte came is not given twice.
    painting.last = last.picture ? paint(last.picture) : painting.painted.at(-1);
  };
  run().catch((thrown) => {
    painting.error = error(thrown);
  });
}
