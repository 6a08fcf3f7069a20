/** The viewer's entry: connects, then wires model, view and controller together. */
import { connect } from "../client/index";
import { App } from "./controller/app";
import { asCodecError } from "./controller/caller";
import { takeFiles } from "./controller/drop";
import type { Intake } from "./controller/intake";
import { takeLaunched } from "./controller/launched";
import { Offline } from "./controller/offline";
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
    const codec = await connect({ memoryLimit: MEMORY, early: true });
    const made = new App(codec, settings, pick);
    app = made;
    made.openAsked();
    for (const intake of early) made.open(intake);
    early = [];
    takeLaunched((intake) => made.open(intake), (text) => made.tellTaken(text));
    new Offline(codec, made);
  } catch (thrown) {
    banner(`Eitherside cannot start: ${asCodecError(thrown).message}.`);
  }
}

button("banner-retry").addEventListener("click", () => void start());
void start();
