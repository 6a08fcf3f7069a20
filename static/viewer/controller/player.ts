import { Observable } from "../model/observable";
import type { Picture } from "../model/picture";
import { beginningOf, type Loop, otherSpeed, playsOf, shownAt, timing } from "../model/playing";

export interface Playback {
  frame: number;
  playing: boolean;
  /** Times as fast as the file says. */
  speed: number;
  loop: Loop;
}

/** Plays an animation: tells which frame is to be seen. */
export class Player extends Observable<Playback> {
  private picture: Picture | undefined;
  private durations: number[] = [];
  /** Seconds of the animation that were played, all rounds together. */
  private position = 0;
  private before = 0;
  private request = 0;

  constructor() {
    super({ frame: 0, playing: false, speed: 1, loop: "file" });
  }

  get animated(): boolean {
    return this.durations.length > 1;
  }

  /** Takes another picture; it plays at once unless the user prefers reduced motion. */
  load(picture: Picture | undefined): void {
    if (picture === this.picture) return;
    this.take(picture);
    this.change({ frame: 0, playing: false });
    if (this.animated && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.play();
  }

  /** Goes on with another picture of the same frames, such as one of their channels. */
  replace(picture: Picture): void {
    if (picture === this.picture) return;
    const { frame, playing } = this.value;
    this.take(picture);
    this.change({ frame: Math.min(frame, Math.max(0, this.durations.length - 1)), playing: false });
    if (playing) this.play();
  }

  toggle(): void {
    if (!this.animated) return;
    if (this.value.playing) this.pause();
    else this.play();
  }

  /** Shows the next or the previous frame, paused. */
  step(by: 1 | -1): void {
    const count = this.durations.length;
    this.seek((this.value.frame + by + count) % count);
  }

  /** Shows a frame, counted from 0, or the last one where that is meant by -1; paused. */
  seek(frame: number): void {
    if (!this.animated) return;
    this.pause();
    const last = this.durations.length - 1;
    this.change({ frame: frame < 0 ? last : Math.min(frame, last) });
  }

  setSpeed(speed: number): void {
    this.change({ speed });
  }

  faster(direction: 1 | -1): void {
    if (this.animated) this.setSpeed(otherSpeed(this.value.speed, direction));
  }

  setLoop(loop: Loop): void {
    this.change({ loop });
  }

  private take(picture: Picture | undefined): void {
    cancelAnimationFrame(this.request);
    this.picture = picture;
    this.durations = timing(picture?.frames.map(({ duration }) => duration) ?? []);
  }

  private pause(): void {
    cancelAnimationFrame(this.request);
    this.change({ playing: false });
  }

  private play(): void {
    const { frame } = this.value;
    const first = frame === this.durations.length - 1 ? 0 : frame;
    this.position = beginningOf(this.durations, first);
    this.before = performance.now();
    this.change({ frame: first, playing: true });
    this.request = requestAnimationFrame(this.tick);
  }

  private change(changes: Partial<Playback>): void {
    this.set({ ...this.value, ...changes });
  }

  private readonly tick = (now: number): void => {
    const { speed, loop } = this.value;
    this.position += (Math.max(0, now - this.before) / 1000) * speed;
    this.before = now;
    const { frame, isOver } = shownAt(this.durations, this.position, playsOf(loop, this.picture?.loops ?? 0));
    if (isOver || frame !== this.value.frame) this.change({ frame, playing: !isOver });
    if (!isOver) this.request = requestAnimationFrame(this.tick);
  };
}
