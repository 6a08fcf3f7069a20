/** A random name that nobody guesses: 32 hexadecimal digits. */
export function callId(): string {
  // crypto.randomUUID is there in secure contexts alone.
  const { crypto } = globalThis as { crypto: Partial<Pick<Crypto, "randomUUID">> & Pick<Crypto, "getRandomValues"> };
  if (crypto.randomUUID) return crypto.randomUUID().replaceAll("-", "");
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
