import { frameAt, type Picture } from "../model/picture";
import { Observable } from "../model/observable";

export interface Playback {
  frame: number;
  playing: boolean;
}

/** Plays an animation: tells which frame is to be seen. */
export class Player extends Observable<Playback> {
  private picture: Picture | undefined;
  private startedAt = 0;
  private request = 0;

  constructor() {
    super({ frame: 0, playing: false });
  }

  get animated(): boolean {
    return (this.picture?.frames.length ?? 0) > 1;
  }

  /** Takes another picture; it plays at once unless the user prefers reduced motion. */
  load(picture: Picture | undefined): void {
    if (picture === this.picture) return;
    cancelAnimationFrame(this.request);
    this.picture = picture;
    this.set({ frame: 0, playing: false });
    if (this.animated && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.play();
  }

  toggle(): void {
    if (!this.animated) return;
    if (this.value.playing) this.pause();
    else this.play();
  }

  /** Shows the next or the previous frame, paused. */
  step(by: 1 | -1): void {
    if (!this.animated) return;
    this.pause();
    const count = this.picture?.frames.length ?? 1;
    this.set({ frame: (this.value.frame + by + count) % count, playing: false });
  }

  private pause(): void {
    cancelAnimationFrame(this.request);
    this.set({ frame: this.value.frame, playing: false });
  }

  private play(): void {
    const durations = this.durations();
    const isAtEnd = this.value.frame === durations.length - 1;
    const before = isAtEnd ? 0 : durations.slice(0, this.value.frame).reduce((sum, each) => sum + each, 0);
    this.startedAt = performance.now() / 1000 - before;
    this.set({ frame: isAtEnd ? 0 : this.value.frame, playing: true });
    this.request = requestAnimationFrame(this.tick);
  }

  private durations(): number[] {
    return this.picture?.frames.map(({ duration }) => duration) ?? [];
  }

  private readonly tick = (now: number): void => {
    const durations = this.durations();
    const seconds = Math.max(0, now / 1000 - this.startedAt);
    const total = durations.reduce((sum, each) => sum + each, 0);
    const loops = this.picture?.loops ?? 0;
    if (loops > 0 && seconds >= total * loops) {
      this.set({ frame: durations.length - 1, playing: false });
      return;
    }
    const { index } = frameAt(durations, seconds);
    if (index !== this.value.frame) this.set({ frame: index, playing: true });
    this.request = requestAnimationFrame(this.tick);
  };
}
