/** Calls on paths by a process without a program: strings go through a page of its memory. */

import { bytesOfName, nameOfBytes } from '../../src/base/names.ts';
import type { HostTree } from '../../src/kernel/vfs/first-tree.ts';
import { type BareProcess, bareProcess, PAGE, PRIVATE_ANON, RW } from './bare-process.ts';
import { guestMemory } from './guest-memory.ts';

const [O_RDWR, O_CREAT, O_TRUNC] = [2, 0o100, 0o1000];

export function filesOf(hostTree: HostTree) {
  const process: BareProcess = bareProcess(undefined, undefined, { hostTree });
  const { call, task } = process;
  const page = call.mmap(0n, 4n * PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
  const memory = guestMemory(() => task.mm);
  const at = (text: string, slot: bigint): bigint => {
    memory.put(page + slot * 2048n, Uint8Array.of(...bytesOfName(text), 0));
    return page + slot * 2048n;
  };
  const buffer = page + 2n * PAGE;
  /** A call with up to two paths; other arguments are as they are. */
  const paths = (name: string, ...args: (string | number | bigint)[]): bigint | string => {
    let slot = 0n;
    return call[name](...args.map((arg) => (typeof arg === 'string' ? at(arg, slot++) : arg)));
  };
  const read = (path: string): string => {
    const fd = paths('open', path, 0, 0);
    if (typeof fd === 'string') return fd;
    const count = call.read(fd, buffer, 4000n);
    call.close(fd);
    return typeof count === 'string' ? count : memory.text(buffer, Number(count));
  };
  const write = (path: string, text: string, flags = O_RDWR | O_CREAT | O_TRUNC): bigint | string => {
    const fd = paths('open', path, flags, 0o644);
    if (typeof fd === 'string') return fd;
    memory.put(buffer, text);
    const count = call.write(fd, buffer, BigInt(text.length));
    call.close(fd);
    return count;
  };
  const list = (path: string): string[] | string => {
    const fd = paths('open', path, 0o200000, 0);
    if (typeof fd === 'string') return fd;
    const names: string[] = [];
    for (;;) {
      const count = call.getdents64(fd, buffer, 4000n);
      if (typeof count === 'string') return count;
      if (count === 0n) break;
      for (let at = buffer; at < buffer + count; at += BigInt(memory.view(at, 18).getUint16(16, true))) {
        const length = memory.view(at, 18).getUint16(16, true);
        const bytes = memory.bytes(at + 19n, length - 19);
        names.push(nameOfBytes(bytes.subarray(0, bytes.indexOf(0))));
      }
    }
    call.close(fd);
    return names.filter((name) => name !== '.' && name !== '..').sort();
  };
  const link = (path: string): string => {
    const count = paths('readlink', path, buffer, 4000n);
    return typeof count === 'string' ? count : memory.text(buffer, Number(count));
  };
  return { ...process, paths, read, write, list, link };
}
