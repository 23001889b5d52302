/** Arguments of requests as they come: anything. Each is taken by its kind, and what is of another kind is the client's mistake. */
import { UsageError } from '../base/invariant.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class Arguments {
  private readonly _values: Readonly<Record<string, unknown>>;

  /** `null` counts as nothing. */
  constructor(value: unknown) {
    if (value !== undefined && value !== null && !isObject(value)) throw new UsageError('arguments must be an object');
    this._values = isObject(value) ? value : {};
  }

  findText(name: string): string | undefined {
    return this._find(name, 'a text', (value) => typeof value === 'string') as string | undefined;
  }
  findFlag(name: string): boolean | undefined {
    return this._find(name, 'true or false', (value) => typeof value === 'boolean') as boolean | undefined;
  }
  /** A whole number. */
  findNumber(name: string): number | undefined {
    return this._find(name, 'a whole number', (value) => Number.isSafeInteger(value)) as number | undefined;
  }
  findTexts(name: string): string[] | undefined {
    const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string');
    return this._find(name, 'a list of texts', isTexts) as string[] | undefined;
  }
  findObject(name: string): Arguments | undefined {
    const value = this._find(name, 'an object', isObject);
    return value === undefined ? undefined : new Arguments(value);
  }
  findObjects(name: string): Arguments[] | undefined {
    const isObjects = (value: unknown) => Array.isArray(value) && value.every(isObject);
    return (this._find(name, 'a list of objects', isObjects) as unknown[] | undefined)?.map(
      (one) => new Arguments(one),
    );
  }
  /** Texts by name, such as an environment. */
  findTextsByName(name: string): Record<string, string> | undefined {
    const isOne = (value: unknown) => isObject(value) && Object.values(value).every((one) => typeof one === 'string');
    return this._find(name, 'texts by name', isOne) as Record<string, string> | undefined;
  }

  getText(name: string): string {
    return this._present(name, this.findText(name));
  }
  getNumber(name: string): number {
    return this._present(name, this.findNumber(name));
  }
  getObject(name: string): Arguments {
    return this._present(name, this.findObject(name));
  }

  /** An address as the protocol gives them: hexadecimal with 0x, or decimal. */
  getAddress(name: string): bigint {
    return parseAddress(this.getText(name), name);
  }

  /** Names that are none of these. */
  others(known: readonly string[]): string[] {
    return Object.keys(this._values).filter((name) => !known.includes(name) && !name.startsWith('__'));
  }

  private _find(name: string, kind: string, isKind: (value: unknown) => boolean): unknown {
    const value = Object.hasOwn(this._values, name) ? this._values[name] : undefined;
    if (value === undefined || value === null) return undefined;
    if (!isKind(value)) throw new UsageError(`${name} must be ${kind}`);
    return value;
  }

  private _present<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw new UsageError(`${name} is missing`);
    return value;
  }
}

export function parseAddress(text: string, name: string): bigint {
  if (!/^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text))
    throw new UsageError(`${name}: '${text.slice(0, 40)}' is no address`);
  return BigInt.asUintN(64, BigInt(text));
}
