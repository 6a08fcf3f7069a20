/** Eitherside's client: one codec that runs in this browser or on the service, call by call. */
export { connect, type Codec, type Connection, type ConnectOptions } from "./connect";
export { CodecError, type ErrorFields, type HostCode } from "./errors";
export { sha256 } from "./hash";
export type { Bytes, InputValue } from "./inputs";
export type { BufferDescription, ErrorDescription, Format, FunctionDescription, Interface, Schema } from "./interface";
export type { CallSettings } from "./methods";
export type { Service } from "./module";
export type { Place, Progress } from "./protocol";
export type { Provenance, Samples } from "./result";
export type * from "./generated";
