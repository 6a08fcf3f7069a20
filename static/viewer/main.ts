/** The viewer's entry: connects, then wires model, view and controller together. */
import { connect } from "../client/index";
import { App } from "./controller/app";
import { asCodecError } from "./controller/caller";
import { takeFiles } from "./controller/drop";
import type { Intake } from "./controller/intake";
import { isLibraryAsked } from "./controller/pages";
import { Settings } from "./model/settings";
import { button } from "./view/dom";
import { banner } from "./view/status";

/** A person who opens a huge picture wants to see it: all that a 32-bit memory can have. */
const MEMORY = 4 * 2 ** 30;

const settings = new Settings();
let app: App | undefined;
// Files that are dropped before the codec is there are opened as soon as it is.
let early: Intake[] = [];

const pick = takeFiles(
  (intake) => {
    if (app) app.open(intake);
    else early.push(intake);
  },
  (file) => app?.isPicture(file) ?? file.type.startsWith("image/"),
);

// While the codec is on its way.
if (isLibraryAsked()) void import("./controller/opening").then(({ beginOpening }) => beginOpening());

async function start(): Promise<void> {
  banner(undefined);
  try {
    app = new App(await connect({ memoryLimit: MEMORY, early: true }), settings, pick);
    app.openAsked();
    for (const intake of early) app.open(intake);
    early = [];
  } catch (thrown) {
    banner(`Eitherside cannot start: ${asCodecError(thrown).message}.`);
  }
}

button("banner-retry").addEventListener("click", () => void start());
void start();
