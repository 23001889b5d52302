/** Where programs came from, for links: who opens one says so of its bytes, and what is run of it unless a link says else. */
import type { ProgramSpec } from '../../protocol.ts';
import type { LinkedProgram } from './link.ts';

export interface Origin {
  readonly program: LinkedProgram;
  /** What the program is run with as it comes. */
  readonly usual: Omit<ProgramSpec, 'path' | 'program'>;
}

const ORIGINS = new WeakMap<Uint8Array, Origin>();

export function noteOrigin(program: Uint8Array, origin: Origin): void {
  ORIGINS.set(program, origin);
}

/** Undefined: it was made or dropped here. */
export const findOrigin = (program: Uint8Array): Origin | undefined => ORIGINS.get(program);

/** What a program was assembled from, here or where its link was made. */
export interface MainSource {
  /** File name. */
  readonly name: string;
  readonly text: string;
}

const SOURCES = new WeakMap<Uint8Array, MainSource>();

export function noteSource(program: Uint8Array, source: MainSource): void {
  SOURCES.set(program, source);
}

export const findMainSource = (program: Uint8Array): MainSource | undefined => SOURCES.get(program);
