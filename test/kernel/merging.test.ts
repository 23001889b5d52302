/**
 * Which areas /proc/PID/maps shows as one. A C program did the same on Linux 6.18 and printed its areas; they are what is
 * expected here, in pages from a base. Areas whose first private page was written apart from each other stay apart.
 */
import { expect, test } from 'vitest';
import type { Task } from '../../src/kernel/task/task.ts';
import { bareProcess, callsOf, FIXED, PAGE, PRIVATE_ANON, poke, RW, SHARED_ANON } from '../helpers/bare-process.ts';

const BASE = 0x1000_0000n;
const R = 1;
const FIXED_MOVE = 3;
const DONTUNMAP = 7;

class Scene {
  readonly task: Task;
  private readonly _machine: ReturnType<typeof bareProcess>;
  constructor(task?: Task, machine = bareProcess()) {
    this._machine = machine;
    this.task = task ?? machine.task;
  }
  map(page: number, pages: number, prot: number, flags = PRIVATE_ANON): this {
    return this._call('mmap', at(page), span(pages), prot, flags | FIXED, -1, 0n);
  }
  write(...pages: number[]): this {
    for (const page of pages) poke(this.task, at(page), 1);
    return this;
  }
  protect(page: number, pages: number, prot: number): this {
    return this._call('mprotect', at(page), span(pages), prot);
  }
  unmap(page: number, pages: number): this {
    return this._call('munmap', at(page), span(pages));
  }
  remap(page: number, pages: number, newPages: number, flags: number, to = 0): this {
    return this._call('mremap', at(page), span(pages), span(newPages), flags, at(to));
  }
  advise(page: number, advice: number): this {
    return this._call('madvise', at(page), PAGE, advice);
  }
  lock(page: number): this {
    return this._call('mlock', at(page), PAGE);
  }
  unlock(page: number): this {
    return this._call('munlock', at(page), PAGE);
  }
  fork(): Scene {
    const { kernel, cpu } = this._machine;
    cpu.state.restore(this.task.context);
    return new Scene(kernel.findTask(Number(callsOf(this.task).fork()))!, this._machine);
  }
  /** `0-2 rw-p`, in pages. */
  get areas(): string[] {
    const page = (text: string) => ((BigInt(`0x${text}`) - BASE) / PAGE).toString(16);
    return this.task.mm
      .describe()
      .split('\n')
      .map((line) => {
        const [, start, end, rights] = /^(\w+)-(\w+) (\S+)/.exec(line)!;
        return `${page(start)}-${page(end)} ${rights}`;
      });
  }
  private _call(name: string, ...args: (bigint | number)[]): this {
    const result = callsOf(this.task)[name](...args);
    if (typeof result === 'string') throw new Error(`${name}: ${result}`);
    return this;
  }
}
const at = (page: number): bigint => BASE + BigInt(page) * PAGE;
const span = (pages: number): bigint => BigInt(pages) * PAGE;
const make = () => new Scene();

test.each<[string, () => Scene, string[]]>([
  ['two untouched', () => make().map(0, 1, RW).map(1, 1, RW), ['0-2 rw-p']],
  ['touched, then new', () => make().map(0, 1, RW).write(0).map(1, 1, RW), ['0-2 rw-p']],
  [
    'both touched, filled',
    () => make().map(0, 1, RW).write(0).map(2, 1, RW).write(2).map(1, 1, RW),
    ['0-2 rw-p', '2-3 rw-p'],
  ],
  ['lower touched, filled', () => make().map(0, 1, RW).write(0).map(2, 1, RW).map(1, 1, RW), ['0-3 rw-p']],
  ['split and merged', () => make().map(0, 3, RW).write(0, 2).protect(1, 1, R).protect(1, 1, RW), ['0-3 rw-p']],
  [
    'split, touched apart, merged',
    () => make().map(0, 3, RW).protect(1, 1, R).write(0, 2).protect(1, 1, RW),
    ['0-2 rw-p', '2-3 rw-p'],
  ],
  ['no rights, untouched', () => make().map(0, 3, RW).protect(1, 1, 0), ['0-1 rw-p', '1-2 ---p', '2-3 rw-p']],
  ['no rights, given them', () => make().map(0, 1, 0).map(1, 1, RW).protect(0, 1, RW), ['0-2 rw-p']],
  [
    'accounted and touched beside never accounted',
    () => make().map(0, 1, 0).map(1, 1, RW).write(1).protect(1, 1, 0),
    ['0-1 ---p', '1-2 ---p'],
  ],
  ['untouched: not accounted any more', () => make().map(0, 1, 0).map(1, 1, RW).protect(1, 1, 0), ['0-2 ---p']],
  [
    'moved after a touch, with a new neighbour',
    () => make().map(0, 4, RW).write(0).remap(0, 1, 1, FIXED_MOVE, 8).map(9, 1, RW),
    ['1-4 rw-p', '8-9 rw-p', '9-a rw-p'],
  ],
  [
    'moved untouched, with a new neighbour',
    () => make().map(0, 4, RW).remap(0, 1, 1, FIXED_MOVE, 8).map(9, 1, RW),
    ['1-4 rw-p', '8-a rw-p'],
  ],
  [
    'moved there and back',
    () => make().map(0, 4, RW).write(0).remap(0, 1, 1, FIXED_MOVE, 8).remap(8, 1, 1, FIXED_MOVE, 0),
    ['0-4 rw-p'],
  ],
  ['advice and its opposite', () => make().map(0, 4, RW).advise(1, 10).advise(1, 11), ['0-4 rw-p']],
  ['advice', () => make().map(0, 4, RW).advise(1, 1), ['0-1 rw-p', '1-2 rw-p', '2-4 rw-p']],
  ['locked', () => make().map(0, 4, RW).lock(1), ['0-1 rw-p', '1-2 rw-p', '2-4 rw-p']],
  ['locked and unlocked', () => make().map(0, 4, RW).lock(1).unlock(1), ['0-4 rw-p']],
  [
    'a touched half loses rights beside one without them',
    () => make().map(0, 2, RW).write(0).map(2, 2, R).protect(1, 1, R),
    ['0-1 rw-p', '1-2 r--p', '2-4 r--p'],
  ],
  [
    'MAP_NORESERVE',
    () =>
      make()
        .map(0, 2, RW, PRIVATE_ANON | 0x4000)
        .map(2, 2, RW),
    ['0-2 rw-p', '2-4 rw-p'],
  ],
  [
    'MAP_STACK',
    () =>
      make()
        .map(0, 2, RW, PRIVATE_ANON | 0x20000)
        .map(2, 2, RW),
    ['0-2 rw-p', '2-4 rw-p'],
  ],
  ['shared', () => make().map(0, 2, RW, SHARED_ANON).protect(1, 1, R).protect(1, 1, RW), ['0-2 rw-s']],
  ['a hole, filled', () => make().map(0, 3, RW).write(0, 2).unmap(1, 1).map(1, 1, RW), ['0-3 rw-p']],
  [
    'a hole, filled after a touch above it',
    () => make().map(0, 3, RW).write(0).unmap(1, 1).write(2).map(1, 1, RW),
    ['0-3 rw-p'],
  ],
  [
    'a child splits and merges',
    () => make().map(0, 3, RW).write(0, 1, 2).fork().protect(1, 1, R).protect(1, 1, RW),
    ['0-3 rw-p'],
  ],
  [
    'a child maps beside what it has inherited',
    () => make().map(0, 3, RW).write(0).fork().map(3, 1, RW),
    ['0-3 rw-p', '3-4 rw-p'],
  ],
  [
    'a parent maps beside what a child has inherited',
    () => {
      const scene = make().map(0, 3, RW).write(0);
      scene.fork();
      return scene.map(3, 1, RW);
    },
    ['0-4 rw-p'],
  ],
  [
    'the halves of a child have roots of their own',
    () => make().map(0, 4, RW).write(0, 3).protect(0, 2, R).fork().protect(0, 2, RW),
    ['0-2 rw-p', '2-4 rw-p'],
  ],
  ['untouched when inherited', () => make().map(0, 4, RW).fork().map(4, 1, RW).write(4, 0), ['0-5 rw-p']],
  ['MREMAP_DONTUNMAP', () => make().map(0, 2, RW).write(0).remap(0, 2, 2, DONTUNMAP, 8), ['0-2 rw-p', '8-a rw-p']],
  [
    'MREMAP_DONTUNMAP to the place above',
    () => make().map(0, 2, RW).write(0).remap(0, 2, 2, DONTUNMAP, 2),
    ['0-2 rw-p', '2-4 rw-p'],
  ],
  ['grown to a neighbour', () => make().map(0, 2, RW).write(0).map(4, 2, RW).remap(0, 2, 4, 1), ['0-6 rw-p']],
  [
    'grown to a touched neighbour',
    () => make().map(0, 2, RW).write(0).map(4, 2, RW).write(4).remap(0, 2, 4, 1),
    ['0-4 rw-p', '4-6 rw-p'],
  ],
  [
    'a touched and an untouched one, moved beside each other',
    () => make().map(0, 1, RW).write(0).map(2, 1, RW).remap(0, 1, 1, FIXED_MOVE, 4).remap(2, 1, 1, FIXED_MOVE, 5),
    ['4-5 rw-p', '5-6 rw-p'],
  ],
  [
    'a range with a gap, moved',
    () => make().map(0, 1, RW).map(2, 1, R).map(3, 1, RW).remap(0, 4, 4, FIXED_MOVE, 16),
    ['10-11 rw-p', '12-13 r--p', '13-14 rw-p'],
  ],
])('%s', (_name, scene, areas) => expect(scene().areas).toEqual(areas));
