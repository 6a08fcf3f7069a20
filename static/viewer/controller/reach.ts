import type { CallPoint, Codec } from "../../client/index";
import type { Documents } from "../model/documents";
import { Reach } from "../model/reach";

/** Milliseconds between two looks whether the server is back. */
const PERIOD = 5000;
/** Explained where no file is open. */
const NOTHING = new Blob();

/** Notices when the server goes away and comes back: by what becomes of calls, by the browser, by the load that the server tells. */
export function watchReach(codec: Codec, documents: Documents): Reach {
  const { connection } = codec;
  const reach = new Reach(navigator.onLine && !connection.isAway);
  let heard = connection.planner.load;
  let timer: ReturnType<typeof setInterval> | undefined;
  connection.calls.addEventListener("call", (event) => {
    heard = connection.planner.load;
    reach.settled((event as CustomEvent<CallPoint>).detail);
  });
  addEventListener("offline", () => reach.tell(false));
  addEventListener("online", () => reach.tell(true));
  reach.watch((isReachable) => {
    clearInterval(timer);
    if (!isReachable) timer = setInterval(look, PERIOD);
  });

  function look(): void {
    if (connection.planner.load !== heard && navigator.onLine) {
      heard = connection.planner.load;
      reach.tell(true);
      return;
    }
    // To explain a call, the client asks the server for its load now and then.
    void codec.explain("inspect", documents.value.current?.file ?? NOTHING).catch(() => undefined);
  }

  return reach;
}
