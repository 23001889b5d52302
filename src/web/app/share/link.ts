/**
 * What a link to the browser view says: the part of its URL behind `#`, which never leaves the browser. It names the
 * program (or carries it), how the run is made, where in the run to stand and what to look at, in words that a person
 * can read and change: `v=1&program=shm_demo&seed=7&at=200000042.18&tid=101&address=0x7ffff7ffe000`.
 * A program is one of the page's own, the one that `pml4 serve` was given, or in the link itself. Never a URL: nothing
 * that somebody else has written makes the page ask another host for anything.
 */

import { UsageError } from '../../../base/invariant.ts';
import type { Position } from '../../../debug/position.ts';

/** The first word of every link. A page that does not know the number says so. */
const VERSION = '1';

export type LinkedProgram =
  /** Of programs.json. */
  | { readonly kind: 'program'; readonly name: string }
  /** `step` counts from 1. */
  | { readonly kind: 'lesson'; readonly name: string; readonly step?: number | undefined }
  /** The PROGRAM of `pml4 serve`. */
  | { readonly kind: 'given'; readonly name: string }
  /** An ELF file, and the source that it was made of, if it was made in the page; both packed as in packing.ts. */
  | {
      readonly kind: 'elf';
      readonly name: string;
      readonly packed: string;
      readonly source?: LinkedSource | undefined;
    };

export interface LinkedSource {
  /** File name. */
  readonly name: string;
  readonly packed: string;
}

export interface LinkedInput {
  readonly position: Position;
  readonly text: string;
}

export interface Link {
  /** undefined: the page decides. */
  readonly program: LinkedProgram | undefined;
  /** Words after the program's name. undefined: the program's usual ones. */
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** All of its input. */
  readonly stdin?: string | undefined;
  readonly seed?: number | undefined;
  readonly quantum?: number | undefined;
  /** Shared anonymous mappings are private instead. */
  readonly isPrivate?: boolean | undefined;
  /** What was typed for the program; an empty text is its end. */
  readonly typed?: readonly LinkedInput[] | undefined;
  readonly position?: Position | undefined;
  /** Of the selected thread, which is the process's for most. */
  readonly tid?: number | undefined;
  readonly address?: bigint | undefined;
  /** For a frame in somebody's page: without the chrome. */
  readonly isEmbedded?: boolean | undefined;
  /** The parts of the view to show. undefined: all. */
  readonly show?: readonly string[] | undefined;
}

const KINDS = ['program', 'lesson', 'given', 'elf'] as const;
const OTHER_KEYS =
  'v step name source source-name arg env stdin seed quantum private typed at tid address embed show'.split(' ');
const KEYS: readonly string[] = [...KINDS, ...OTHER_KEYS];
const REPEATED = ['arg', 'env', 'typed'];
const PACKED = /^[\w-]+$/;
const NAME = /^[^\p{Cc}/]{1,80}$/u;
const USER_END = 1n << 47n;

/** Without the `#`. Empty when there is nothing to say. */
export function formatLink(link: Link): string {
  const { program, args, env, stdin, seed, quantum, isPrivate, typed, position, tid, address, isEmbedded, show } = link;
  const words = [
    ...wordsOf(program),
    ...(args === undefined ? [] : args.length === 0 ? ['arg'] : args.map((text) => `arg=${encode(text)}`)),
    ...Object.entries(env ?? {}).map(([key, value]) => `env=${encode(`${key}=${value}`)}`),
    ...(stdin === undefined ? [] : [`stdin=${encode(stdin)}`]),
    ...(seed === undefined ? [] : [`seed=${seed}`]),
    ...(quantum === undefined ? [] : [`quantum=${quantum}`]),
    ...(isPrivate ? ['private'] : []),
    ...(typed ?? []).map((input) => `typed=${formatPosition(input.position)}:${encode(input.text)}`),
    ...(position === undefined ? [] : [`at=${formatPosition(position)}`]),
    ...(tid === undefined ? [] : [`tid=${tid}`]),
    ...(address === undefined ? [] : [`address=0x${address.toString(16)}`]),
    ...(isEmbedded ? ['embed'] : []),
    ...(show === undefined ? [] : [`show=${show.map(encode).join()}`]),
  ];
  return words.length === 0 ? '' : [`v=${VERSION}`, ...words].join('&');
}

const formatPosition = ({ instruction, event }: Position): string => `${instruction}.${event}`;

function wordsOf(program: LinkedProgram | undefined): string[] {
  if (program === undefined) return [];
  const name = encode(program.name);
  if (program.kind === 'lesson' && program.step !== undefined) return [`lesson=${name}`, `step=${program.step}`];
  if (program.kind !== 'elf') return [`${program.kind}=${name}`];
  const { packed, source } = program;
  const made = source === undefined ? [] : [`source-name=${encode(source.name)}`, `source=${source.packed}`];
  return [`name=${name}`, `elf=${packed}`, ...made];
}

/** As encodeURIComponent, but for what is legal and readable in a fragment. */
const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/%(?:2F|3A|40)/g, (code) => decodeURIComponent(code));

/** The link in a fragment, with or without its `#`. An empty one is an empty link. UsageError: it cannot be followed. */
export function parseLink(fragment: string): Link {
  const text = fragment.replace(/^#/, '');
  if (text === '') return { program: undefined };
  const words = new Map<string, string[]>();
  for (const word of text.split('&')) {
    const [, key, value] = /^([^=]*)=?(.*)$/s.exec(word)!;
    words.set(key, [...(words.get(key) ?? []), decode(value)]);
  }
  return linkOf(words);
}

function linkOf(words: ReadonlyMap<string, readonly string[]>): Link {
  const version = words.get('v')?.[0];
  if (version === undefined) throw new UsageError("the link does not begin with 'v=1': it is none of pml4's");
  if (version !== VERSION)
    throw new UsageError(`the link is of version '${cut(version)}'; this page knows version ${VERSION}`);
  for (const [key, values] of words) {
    if (!KEYS.includes(key)) throw new UsageError(`the link has an unknown word '${cut(key)}'`);
    if (values.length > 1 && !REPEATED.includes(key)) throw new UsageError(`the link says '${key}' twice`);
  }
  const get = (key: string): string | undefined => words.get(key)?.[0];
  const args = words.get('arg');
  const show = get('show');
  return {
    program: programOf(get),
    args: args?.length === 1 && args[0] === '' ? [] : args,
    env: environmentOf(words.get('env')),
    stdin: get('stdin'),
    seed: wholeNumber('seed', get('seed')),
    quantum: wholeNumber('quantum', get('quantum'), 1),
    isPrivate: words.has('private'),
    typed: words.get('typed')?.map(inputOf),
    position: positionOf(get('at')),
    tid: wholeNumber('tid', get('tid'), 1),
    address: addressOf(get('address')),
    isEmbedded: words.has('embed'),
    show: show?.split(',').filter((part) => part !== ''),
  };
}

function programOf(get: (key: string) => string | undefined): LinkedProgram | undefined {
  const kinds = KINDS.filter((kind) => get(kind) !== undefined);
  if (kinds.length > 1) throw new UsageError(`the link names two programs: '${kinds[0]}' and '${kinds[1]}'`);
  const [kind] = kinds;
  if (kind === undefined) return undefined;
  const name = nameOf(kind === 'elf' ? (get('name') ?? 'program') : get(kind)!);
  if (kind === 'lesson') return { kind, name, step: wholeNumber('step', get('step'), 1) };
  if (kind !== 'elf') return { kind, name };
  const source = get('source');
  return {
    kind,
    name,
    packed: packedOf(get(kind)!),
    source: source === undefined ? undefined : { name: nameOf(get('source-name') ?? ''), packed: packedOf(source) },
  };
}

function nameOf(text: string): string {
  if (!NAME.test(text)) throw new UsageError(`the link has '${cut(text)}' where a name should be`);
  return text;
}

function packedOf(text: string): string {
  if (!PACKED.test(text)) throw new UsageError(`the program in the link is damaged: '${cut(text)}'`);
  return text;
}

function environmentOf(variables: readonly string[] | undefined): Link['env'] {
  if (variables === undefined) return undefined;
  return Object.fromEntries(
    variables.map((variable) => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(variable) ?? [];
      if (key === undefined) throw new UsageError(`the link's env '${cut(variable)}' is not NAME=VALUE`);
      return [key, value];
    }),
  );
}

function wholeNumber(key: string, text: string | undefined, least = 0): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new UsageError(
      `the link's ${key} '${cut(text)}' is not a whole number${least > 0 ? ` of at least ${least}` : ''}`,
    );
  return value;
}

function positionOf(text: string): Position;
function positionOf(text: string | undefined): Position | undefined;
function positionOf(text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  const [, instruction, event] = /^(\d+)\.(\d+)$/.exec(text) ?? [];
  if (instruction === undefined) throw new UsageError(`the link's position '${cut(text)}' is not INSTRUCTION.EVENT`);
  return { instruction: wholeNumber('position', instruction)!, event: wholeNumber('position', event)! };
}

/** `INSTRUCTION.EVENT:TEXT`. */
function inputOf(text: string): LinkedInput {
  const colon = text.indexOf(':');
  if (colon < 0) throw new UsageError(`the link's input '${cut(text)}' is not INSTRUCTION.EVENT:TEXT`);
  return { position: positionOf(text.slice(0, colon)), text: text.slice(colon + 1) };
}

function addressOf(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (!/^0x[\da-f]{1,16}$/i.test(text))
    throw new UsageError(`the link's address '${cut(text)}' is not 0x and hexadecimal digits`);
  const address = BigInt(text);
  if (address >= USER_END) throw new UsageError(`the link's address ${text} is not one of a program`);
  return address;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(`the link has a % in '${cut(text)}' that means nothing`);
  }
}

const MOST_SHOWN = 40;
const cut = (text: string): string => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text);
