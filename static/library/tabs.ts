import type { Remote } from "./types";

/** What the tab that sends tells the others of itself. */
export interface Status {
  readonly online: boolean;
  readonly listening: boolean;
  readonly lastError?: string | undefined;
  readonly sending: ReadonlyMap<string, number | undefined>;
}

/** Messages between the tabs of one library: the log or the outbox has changed, how it is with the service. */
export type TabMessage =
  | { readonly kind: "log" | "replaced" | "outbox" | "hello" }
  | { readonly kind: "remote"; readonly remote: Remote | undefined }
  | { readonly kind: "asked"; readonly id: string }
  | { readonly kind: "status"; readonly status: Status };

/** The other tabs with this library. */
export class Tabs {
  private readonly channel: BroadcastChannel;

  constructor(name: string, heard: (message: TabMessage) => void) {
    this.channel = new BroadcastChannel(`eitherside-library-${name}`);
    this.channel.onmessage = ({ data }: MessageEvent<TabMessage>) => heard(data);
    // Node would wait for it for ever.
    (this.channel as { unref?: () => void }).unref?.();
  }

  tell(message: TabMessage): void {
    this.channel.postMessage(message);
  }

  close(): void {
    this.channel.close();
  }
}
