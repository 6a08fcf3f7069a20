import type { Priors } from "../planner/types";
import type { FromWorker, Setup, ToWorker } from "../protocol";
import type { Store } from "../store";

/** What a worker's owner is told. */
export interface WorkerEvents {
  heard: (message: FromWorker) => void;
  /** The worker is gone, or as good as gone; called once, never after `terminate`. */
  ended: (why: string | undefined) => void;
}

/** A worker that has been set up. */
export interface WorkerHandle {
  post: (message: ToWorker, transfer: Transferable[]) => void;
  terminate: () => void;
  /** Whether a call runs in it; an idle worker keeps no process alive. */
  setBusy: (isBusy: boolean) => void;
}

export type StartWorker = (events: WorkerEvents) => WorkerHandle;

/** What happens around the codec. */
export interface Surrounded {
  /** The page goes away, perhaps to come back. */
  hidden: () => void;
  /** The network came or went. */
  online: (isOnline: boolean) => void;
  priors: (priors: Priors) => void;
}

/** Limits of a worker's life, in milliseconds. */
export interface LifeLimits {
  /** From its start to its first word. */
  start: number;
  /** Without a word while it computes, where nothing else tells that it has died. */
  compute: number;
}

/** Everything that differs between a browser and Node. */
export interface Platform {
  /** @param address of the worker's script, where it is not the library's own. */
  readonly startWorker: (setup: Setup, limits: LifeLimits, events: WorkerEvents, address: string | undefined) => WorkerHandle;
  /** Where what was learned is kept between visits. */
  readonly store: () => Store;
  /** What relative addresses refer to. */
  readonly base: string | undefined;
  /** Whether pictures can be made here, and files decoded without the module. */
  readonly hasPictures: boolean;
  /** Whether a request to that address is one to another origin, with a browser in between. */
  readonly isCrossOrigin: (url: string) => boolean;
  readonly cores: number;
  /** Whether memory can be shared with workers: in a browser where the page is cross-origin isolated. */
  readonly sharesMemory: boolean;
  /** Tells what happens from now on, and at once what the surroundings are; gives a function that ends it. */
  readonly watch: (surrounded: Surrounded) => () => void;
}
