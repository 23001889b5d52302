/**
 * Modules `*.prebuilt.ts` depend on nothing but the sources: the bundles have the values of their exports. A function
 * becomes one with the result at hand, which is made when it is called for.
 */

/** A module with these exports. */
export function valuesAsModule(exports: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(exports).map(([name, value]) => `export const ${name} = ${literal(value)};`);
  return [BYTES_FROM_TEXT, ...lines].join('\n');
}

const BYTES_FROM_TEXT =
  'const bytes = (text) => Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (c) => c.charCodeAt(0));';

function literal(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes('${Buffer.from(value).toString('base64')}')`;
  if (typeof value === 'function') return `() => ${literal(value())}`;
  if (Array.isArray(value)) return `[${value.map(literal).join()}]`;
  return JSON.stringify(value);
}
