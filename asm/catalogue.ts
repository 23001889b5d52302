/**
 * What the browser view says of the guest programs and offers of them: titles and descriptions from the first lines of
 * their sources, where each program says what it shows. The published demo and its twins come first.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueEntry } from '../src/web/catalogue-entry.ts';
import { ASM_DIR, type GuestProgram, programs } from './programs.ts';

/** Programs whose built name is not their source's are the demo and its twins. */
const isDemo = ({ name, source }: GuestProgram): boolean => !source.startsWith(`${name}.`);

export const catalogue = (): CatalogueEntry[] =>
  [...programs.filter(isDemo), ...programs.filter((program) => !isDemo(program))]
    .sort((a, b) => Number(b.name === PUBLISHED) - Number(a.name === PUBLISHED))
    .map(describe);

const PUBLISHED = 'shm_demo';

function describe({ name, source, args, linkOptions }: GuestProgram): CatalogueEntry {
  const base = source.replace(/\.\w+$/, '').replaceAll('_', ' ');
  return {
    name,
    title: base[0].toUpperCase() + base.slice(1),
    ...partsOf(readFileSync(join(ASM_DIR, source), 'utf8'), source),
    sources: [source, ...includesOf(source)],
    args,
    linkOptions,
  };
}

/** A program's first comment: what it does, and after `Lesson:` what that shows. */
function partsOf(text: string, source: string): { description: string; lesson: string } {
  const lines = (/^\/\*\n(.*?)\*\//s.exec(text)?.[1] ?? /^(?:;.*\n)+/.exec(text)?.[0] ?? '')
    .split('\n')
    .map((line) => line.replace(/^(?:;| \*) ?/, '').trim())
    .filter((line) => line !== '' && line !== source);
  const parts: Record<string, string> = { '': '' };
  let part = '';
  for (const line of lines) {
    const [, heading, rest] = /^(Lesson|Build|Look at|Try)\b:?\s*(.*)$/.exec(line) ?? [];
    part = heading ?? part;
    parts[part] = `${parts[part] ?? ''} ${rest ?? line}`.trim();
  }
  return { description: firstSentence(parts['']), lesson: parts.Lesson ?? '' };
}

const firstSentence = (text: string): string => /^.*?[.?!](?=\s+[A-Z(]|$)/.exec(text)?.[0] ?? text;

/** Of an assembly source, and of what it includes itself; each once. */
function includesOf(source: string, seen = new Set<string>()): string[] {
  const text = readFileSync(join(ASM_DIR, source), 'utf8');
  for (const [, file] of source.endsWith('.c') ? [] : text.matchAll(/^%include "(.+)"/gm)) {
    const path = `include/${file}`;
    if (seen.has(path)) continue;
    seen.add(path);
    includesOf(path, seen);
  }
  return [...seen];
}
