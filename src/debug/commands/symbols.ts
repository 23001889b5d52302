/** info symbol, info signals, info sharedlibrary, info auxv: what names and numbers stand for. */

import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { readSections } from '../../elf/sections.ts';
import { evaluateAddress } from '../expression/evaluate.ts';
import { modulesOf, symbolAt } from '../inspect/modules.ts';
import { viewSignals } from '../inspect/signals.ts';
import { command } from './define.ts';
import { say } from './output.ts';
import { none, text } from './params.ts';

export const infoSymbol = command({
  name: 'info symbol',
  group: 'code',
  params: text('address', 'expression'),
  usage: 'ADDRESS',
  help: 'Tell which symbol an address belongs to, and how far into it it is.',
  run(session, { text: expression }) {
    const address = evaluateAddress(expression, session.scope());
    const place = symbolAt(session.task, address);
    if (place === undefined) return [say(`No symbol matches ${expression}.`)];
    const { symbol, offset, module } = place;
    const inFile = address - module.bias;
    const section = readSections(module.file.bytes()).find(
      (one) => one.address <= inFile && inFile < one.address + BigInt(one.sizeBytes),
    );
    const where = `${section === undefined ? '' : ` in section ${section.name}`} of ${module.path}`;
    return [say(`${symbol.name}${offset === 0 ? '' : ` + ${offset}`}${where}`)];
  },
});

export const infoSharedLibrary = command({
  name: 'info sharedlibrary',
  aliases: ['info dll', 'info files'],
  group: 'code',
  params: none,
  help: 'List the ELF files that the selected process has mapped: the program, the dynamic linker, libraries.',
  run({ task }) {
    const rows = modulesOf(task).map(({ start, end, path, bias, isProgram, file }) => [
      hex(start, 16),
      hex(end, 16),
      bias === 0n ? '0' : hex(bias),
      file.symbols.all().length === 0 ? 'no' : 'yes',
      `${path}${isProgram ? ' (the program)' : ''}`,
    ]);
    return [{ kind: 'table', head: ['From', 'To', 'Added', 'Symbols', 'File'], rows }];
  },
});

export const infoSignals = command({
  name: 'info signals',
  aliases: ['info handle'],
  group: 'machine',
  params: text(undefined),
  usage: '[SIGNAL]',
  help: 'Show what the selected process does on each signal, which are blocked and which wait. Without a name: those that are not at their default.',
  run({ task }, { text: name }) {
    const { signals } = viewSignals(task);
    const isShown = (row: (typeof signals)[number]): boolean =>
      name === ''
        ? row.disposition !== 'default' || row.isBlocked || row.isPending
        : row.name === name.toUpperCase() || String(row.signal) === name;
    const shown = signals.filter(isShown);
    if (shown.length === 0 && name !== '')
      throw new UsageError(`Only signals 1-64 and their names are known, not ${name}.`);
    if (shown.length === 0) return [say('Every signal is at its default; none is blocked, none waits.')];
    const rows = shown.map(({ signal, name: label, disposition, defaultAction, handler, isBlocked, isPending }) => [
      String(signal),
      label,
      disposition === 'handler'
        ? `handler ${hex(handler)}`
        : disposition === 'default'
          ? `default: ${defaultAction}`
          : disposition,
      isBlocked ? 'yes' : 'no',
      isPending ? 'yes' : 'no',
    ]);
    return [{ kind: 'table', head: ['Num', 'Signal', 'Action', 'Blocked', 'Waits'], rows }];
  },
});
