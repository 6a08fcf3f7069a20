export { mayFallBack, Planner, type PlannerOptions } from "./planner";
export { parseRecord, recordKey } from "./record";
export { DEFAULTS } from "./settings";
export * from "./types";
