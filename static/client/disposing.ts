/// <reference lib="esnext.disposable" preserve="true" />

/** Lets `using` end something where the platform knows it (Node 20 does); others have its own method alone. */
export function disposing<T extends object>(target: T, end: () => void): T & Disposable {
  const { dispose } = Symbol as Partial<SymbolConstructor>;
  if (dispose) Object.defineProperty(target, dispose, { value: end });
  return target as T & Disposable;
}
