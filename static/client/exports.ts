/** What the package exports beside `connect`, on every platform. */
export type { CallPoint, Calls } from "./calls";
export type { Codec, Connection, PlannerState } from "./connect";
export { type Announced, CodecError, type ErrorFields, type HostCode } from "./errors";
export type { Explanation } from "./explain";
export { sha256 } from "./hash";
export type { Bytes, Flow, Input, InputValue, OpenFile } from "./inputs";
export type {
  BufferDescription, CostDescription, ErrorDescription, Format, FunctionDescription, Interface, PictureDescription, ProbeDescription, Schema,
} from "./interface";
export type { Extension, Service } from "./module";
export type { Estimate, Job, Parts, PlannerRecord, PlannerSettings, Priority, Rule, ServerLoad } from "./planner/types";
export type { Source } from "./pieces";
export type { Place, Progress } from "./protocol";
export type { Stream } from "./pushed";
export type { Attempt, Provenance, Samples, Times } from "./result";
export type { CallSettings, ConnectOptions, PictureSettings, PlaceChoice, Size } from "./settings";
export type { Store } from "./store";
export type * from "./generated";
