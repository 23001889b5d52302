/** Stack, memory and areas. */
import { hex } from '../../base/ints.ts';
import type { AreaView } from '../../debug/inspect/areas.ts';
import { type Line, line, printable } from '../text.ts';
import type { StackRow, View } from '../view.ts';

const digits = (address: bigint): string => address.toString(16).padStart(12, '0');

/** From the stack pointer upwards; words that changed since the last stop have a `*`. */
export function stackPane(rows: readonly StackRow[], before: readonly StackRow[]): Line[] {
  if (rows.length === 0) return [line('no stack to be read', { dim: true })];
  const old = new Map(before.map(({ address, value }) => [address, value]));
  return rows.map(({ address, value, note }, i) => {
    const isChanged = old.has(address) && old.get(address) !== value;
    const mark = i === 0 ? '>' : ' ';
    const text = `${mark}${digits(address)} ${value.toString(16).padStart(16, '0')}${isChanged ? '*' : ' '}`;
    return [
      { text, bold: isChanged },
      { text: printable(note), dim: true },
    ];
  });
}

/** Sixteen bytes in a row with their characters, eight where the pane is narrow. */
export function memoryPane(
  { address, bytes }: View['memory'],
  before: View['memory'] | undefined,
  width: number,
): Line[] {
  if (bytes.length === 0) return [line(`${hex(address)}: nothing is mapped here`, { dim: true })];
  const perRow = width >= 13 + 16 * 3 + 2 + 16 ? 16 : 8;
  const lines: Line[] = [];
  for (let at = 0; at < bytes.length; at += perRow) {
    const row = [...bytes.subarray(at, at + perRow)];
    const cells = row.map((byte, i) => {
      const place = address + BigInt(at + i);
      const index = before === undefined ? -1 : Number(place - before.address);
      const isChanged = before?.bytes[index] !== undefined && before.bytes[index] !== byte;
      return {
        text: `${i === 8 ? ' ' : ''}${byte.toString(16).padStart(2, '0')}${isChanged ? '*' : ' '}`,
        bold: isChanged,
      };
    });
    const missing = ' '.repeat((perRow - row.length) * 3);
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push([{ text: `${digits(address + BigInt(at))} ` }, ...cells, { text: `${missing} ` }, { text, dim: true }]);
  }
  return lines;
}

export function mapsPane(areas: readonly AreaView[]): Line[] {
  if (areas.length === 0) return [line('no areas', { dim: true })];
  return areas.map(({ start, end, rights, name, sizeBytes, backing, vma }) => [
    { text: `${digits(start)}-${digits(end)} ` },
    { text: rights, bold: vma.shared },
    { text: ` ${String(sizeBytes / 1024).padStart(6)}K ` },
    { text: name === '' ? backing : name, dim: name === '' },
  ]);
}
