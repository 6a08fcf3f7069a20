/** The viewer's entry: connects, then wires model, view and controller together. */
import { connect } from "../client/index";
import { App } from "./controller/app";
import { askedFor } from "./controller/asked";
import { asCodecError } from "./controller/caller";
import { takeFiles } from "./controller/drop";
import { Settings } from "./model/settings";
import { button } from "./view/dom";
import { banner } from "./view/status";

/** A person who opens a huge picture wants to see it: all that a 32-bit memory can have. */
const MEMORY = 4 * 2 ** 30;

const settings = new Settings();
let app: App | undefined;
// Files that are dropped before the codec is there are opened as soon as it is.
let early: File[] = [];

const pick = takeFiles((files) => {
  if (app) app.open(files);
  else early.push(...files);
});

const retry = button("banner-retry");

async function start(): Promise<void> {
  banner(undefined);
  try {
    app = new App(await connect({ memoryLimit: MEMORY, early: true }), settings, pick);
    app.open(early);
    early = [];
    const { files, refused } = await askedFor(new URL(location.href));
    app.open(files);
    // What has started is not started once more.
    retry.hidden = true;
    if (refused.length > 0) banner(`${refused.join("; ")}.`);
  } catch (thrown) {
    banner(`Eitherside cannot start: ${asCodecError(thrown).message}.`);
  }
}

retry.addEventListener("click", () => void start());
void start();
