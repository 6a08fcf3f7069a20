import { type FunctionDescription, isRecord } from "./interface";

/**
 * Why a service would refuse a call, or compute another than was asked for: options may have a largest value for everyone
 * (`untrusted_maximum` of their schema), and its owner may have set ceilings to which greater values are lowered.
 *
 * @param given the call's options.
 * @param told what the service says of its ceilings, which take the place of the schemas' own.
 */
export function ceilingWhy({ options }: FunctionDescription, given: Readonly<Record<string, unknown>>, told: unknown): string | undefined {
  const ceilings = isRecord(told) ? told : {};
  for (const [name, schema] of Object.entries(options.properties ?? {})) {
    const isOwners = Object.hasOwn(ceilings, name);
    const most = isOwners ? ceilings[name] : schema.untrusted_maximum;
    const value = Object.hasOwn(given, name) ? given[name] : schema.default;
    if (typeof most !== "number" || typeof value !== "number" || value <= most) continue;
    return isOwners ? `would lower the option ${name}` : `allows no ${name} above ${most}`;
  }
  return undefined;
}
