/** `npm run isa-table`: writes README's table of instruction sets anew, after encodings have come or gone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { summaryTable } from './src/cli/isa.ts';
import { listEncodings, summarize } from './src/cpu/isa/inventory.ts';

/** The table in README: from its header to the first line that is no row. */
export const ISA_TABLE = /\| feature +\| +known \|.*\n(?:\|.*\n)+/;

if (import.meta.main) {
  const readme = new URL('README.md', import.meta.url);
  const text = readFileSync(readme, 'utf8');
  writeFileSync(readme, text.replace(ISA_TABLE, summaryTable(summarize(listEncodings()))));
}
