import { momentAt } from "./timeline";

interface Frame {
  bitmap: ImageBitmap;
  duration: number;
}

/** Bytes of one animation's frames: above that all of them are halved, again and again. */
const MOST = 64 * 2 ** 20;
/** Below this many pixels across nothing is halved any more. */
const LEAST = 16;
/** Seconds before a frame is due from which on every refresh of the screen is looked at. */
const SOON = 0.03;

/** Plays frames on a canvas, while they still arrive, and only while it may. */
export class Animation {
  loops = 0;
  private readonly frames: (Frame | undefined)[] = [];
  private isWhole = false;
  private isAllowed = false;
  private isFreed = false;
  /** Whether it waits for a frame that has not come. */
  private isHeld = false;
  private shown: ImageBitmap | undefined;
  private halvings = 0;
  private played = 0;
  private since = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private request: number | undefined;

  constructor(private readonly paint: (bitmap: ImageBitmap) => void, private readonly most = MOST) {}

  get bytes(): number {
    return this.frames.reduce((sum, frame) => sum + bytesOf(frame?.bitmap), 0);
  }

  get count(): number {
    return this.frames.length;
  }

  /** Takes a frame, or a better one in its place. The bitmap is this object's from now on. */
  async add(index: number, bitmap: ImageBitmap, duration: number): Promise<void> {
    const own = await halved(bitmap, this.halvings);
    if (this.isFreed) {
      own.close();
      return;
    }
    this.frames[index]?.bitmap.close();
    this.frames[index] = { bitmap: own, duration };
    while (this.bytes > this.most && bitmap.width >> this.halvings > LEAST) await this.halve();
    this.turn();
  }

  /** There are no more frames. */
  end(): void {
    this.isWhole = true;
    this.turn();
  }

  /** Whether it may move now. */
  allow(isAllowed: boolean): void {
    if (isAllowed === this.isAllowed) return;
    const now = performance.now() / 1000;
    if (isAllowed) this.since = now;
    else this.played += now - this.since;
    this.isAllowed = isAllowed;
    this.turn();
  }

  /** Gives its memory back. */
  free(): void {
    this.stop();
    this.isFreed = true;
    for (const frame of this.frames.splice(0)) frame?.bitmap.close();
  }

  private stop(): void {
    clearTimeout(this.timer);
    if (this.request !== undefined) cancelAnimationFrame(this.request);
    this.timer = this.request = undefined;
  }

  /** Shows what is due, and sees to it that it is called again when something else is. */
  private readonly turn = (): void => {
    this.stop();
    if (this.isFreed) return;
    const there = this.frames.findIndex((frame) => frame === undefined);
    const ready = (there < 0 ? this.frames : this.frames.slice(0, there)) as Frame[];
    if (ready.length === 0) return;
    const now = performance.now() / 1000;
    const durations = ready.map(({ duration }) => duration);
    // Time stood still meanwhile.
    if (this.isHeld) this.since = now;
    const seconds = this.played + (this.isAllowed ? now - this.since : 0);
    const { index, left, isOver } = momentAt(durations, seconds, this.loops, this.isWhole);
    this.isHeld = !this.isWhole && left === Infinity;
    if (this.isHeld) {
      this.played = durations.reduce((sum, each) => sum + each, 0);
      this.since = now;
    }
    const bitmap = ready[index]?.bitmap;
    if (bitmap && bitmap !== this.shown) this.paint(bitmap);
    this.shown = bitmap;
    if (!this.isAllowed || isOver || left === Infinity) return;
    if (left > 2 * SOON) this.timer = setTimeout(this.turn, (left - SOON) * 1000);
    else this.request = requestAnimationFrame(this.turn);
  };

  private async halve(): Promise<void> {
    this.halvings += 1;
    for (const frame of this.frames) if (frame) frame.bitmap = await halved(frame.bitmap, 1);
  }
}

function bytesOf(bitmap: ImageBitmap | undefined): number {
  return bitmap ? bitmap.width * bitmap.height * 4 : 0;
}

/** A bitmap halved some times, in place of itself. */
async function halved(bitmap: ImageBitmap, times: number): Promise<ImageBitmap> {
  if (times === 0) return bitmap;
  const side = (length: number): number => Math.max(1, length >> times);
  try {
    return await createImageBitmap(bitmap, { resizeWidth: side(bitmap.width), resizeHeight: side(bitmap.height), resizeQuality: "medium" });
  } finally {
    bitmap.close();
  }
}
