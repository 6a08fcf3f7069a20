// Converts a picture with the client library in Node, and tells how much of the result shows after how many of its bytes.
//
//   make package && make serve                # in another terminal: the service, which has the codec
//   cd examples/node && npm install
//   node convert.js http://127.0.0.1:8000 photo.png photo.jxl
//   node convert.js http://127.0.0.1:8000 - photo.jxl < photo.png
import { createReadStream } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { CodecError, connect } from "eitherside";

const [service, from, to] = process.argv.slice(2);
if (!to) {
  console.error("usage: node convert.js SERVICE IN OUT.jxl");
  process.exit(2);
}

// Ctrl-C stops the work, wherever it is.
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

// An open file, or a stream: both are read as they are.
const file = from === "-" ? undefined : await open(from);
const codec = await connect({ url: service, signal: stop.signal });
try {
  const { image, provenance } = await codec.transcode(file ?? process.stdin, { to: "jxl", progressive: true }, { signal: stop.signal });
  await writeFile(to, image);
  console.log(`${to}: ${image.length} bytes, made here or there: ${provenance.place}. ${provenance.why}`);

  const stream = codec.decode.pushed({ type: "u8" }, { signal: stop.signal });
  let read = 0;
  const counted = async function* () {
    for await (const piece of createReadStream(to, { highWaterMark: 1024 })) {
      read += piece.length;
      yield piece;
    }
  };
  for await (const { stage, width, height } of stream.from(counted())) console.log(`${stage} after ${read} bytes, ${width} × ${height}`);
  const last = await stream.finish();
  console.log(`${last.stage} after ${read} bytes, ${last.width} × ${last.height}`);
} catch (error) {
  if (!(error instanceof CodecError)) throw error;
  console.error(`${from}: ${error.message} (${error.code})`);
  process.exitCode = error.code === "cancelled" ? 130 : 1;
} finally {
  await file?.close();
  // Threads that wait keep no program alive, but their memory is wanted back in one that goes on.
  codec[Symbol.dispose]();
}
