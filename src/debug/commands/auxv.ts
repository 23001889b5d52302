/** info auxv: what the kernel told the program at its start, with gdb's words for each type. getauxval(3). */

import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { describeStringAt } from '../expression/strings.ts';
import { command } from './define.ts';
import { say } from './output.ts';
import { none } from './params.ts';

type Style = 'hex' | 'dec' | 'str';
const TYPES: Readonly<Record<number, readonly [name: string, text: string, style: Style]>> = {
  0: ['AT_NULL', 'End of vector', 'hex'],
  3: ['AT_PHDR', 'Program headers for program', 'hex'],
  4: ['AT_PHENT', 'Size of program header entry', 'dec'],
  5: ['AT_PHNUM', 'Number of program headers', 'dec'],
  6: ['AT_PAGESZ', 'System page size', 'dec'],
  7: ['AT_BASE', 'Base address of interpreter', 'hex'],
  8: ['AT_FLAGS', 'Flags', 'hex'],
  9: ['AT_ENTRY', 'Entry point of program', 'hex'],
  11: ['AT_UID', 'Real user ID', 'dec'],
  12: ['AT_EUID', 'Effective user ID', 'dec'],
  13: ['AT_GID', 'Real group ID', 'dec'],
  14: ['AT_EGID', 'Effective group ID', 'dec'],
  15: ['AT_PLATFORM', 'String identifying platform', 'str'],
  16: ['AT_HWCAP', 'Machine-dependent CPU capability hints', 'hex'],
  17: ['AT_CLKTCK', 'Frequency of times()', 'dec'],
  23: ['AT_SECURE', 'Boolean, was exec setuid-like?', 'dec'],
  25: ['AT_RANDOM', 'Address of 16 random bytes', 'hex'],
  26: ['AT_HWCAP2', 'Extension of AT_HWCAP', 'hex'],
  31: ['AT_EXECFN', 'File name of executable', 'str'],
  33: ['AT_SYSINFO_EHDR', "System-supplied DSO's ELF header", 'hex'],
  51: ['AT_MINSIGSTKSZ', 'Minimum stack size for signal delivery', 'hex'],
};

export const infoAuxv = command({
  name: 'info auxv',
  group: 'machine',
  params: none,
  help: 'List the auxiliary vector: what the kernel told the program at its start.',
  run(session) {
    const { task } = session;
    const bytes = task.mm.arguments?.auxv;
    if (bytes === undefined) throw new UsageError('The program has no auxiliary information now.');
    const words = new BigUint64Array(bytes.slice().buffer);
    const { read } = session.scope();
    return Array.from({ length: words.length / 2 }, (_, i) => {
      const [type, value] = [Number(words[2 * i]), words[2 * i + 1]];
      const [name, text, style] = TYPES[type] ?? ['???', '', 'hex'];
      const shown = style === 'dec' ? String(value) : hex(value);
      const string = style === 'str' ? ` ${describeStringAt(value, read)}` : '';
      return say(`${String(type).padEnd(4)} ${name.padEnd(20)} ${text.padEnd(30)} ${shown}${string}`);
    });
  },
});
