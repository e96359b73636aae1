/** Remote input becomes a type here. What is missing or of another kind becomes the fallback: an old page outlives a new server. */

export type Json = Readonly<Record<string, unknown>>;

export function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function text(value: unknown, fallback = ""): string {
  return typeof value === "string" ? value : fallback;
}

export function number(value: unknown, fallback = 0): number {
  return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function flag(value: unknown, fallback = false): boolean {
  return typeof value === "boolean" ? value : fallback;
}

export function oneOf<Value>(values: readonly Value[], value: unknown, fallback: NoInfer<Value>): Value {
  return values.find((known) => known === value) ?? fallback;
}

export function listOf<Item>(value: unknown, decode: (item: unknown) => Item): readonly Item[] {
  return Array.isArray(value) ? value.map((item: unknown) => decode(item)) : [];
}
