/**
 * `node test/linux/try.ts [PREFIX...]`: runs the recorded programs on pml4 and prints in which line each goes another way
 * than on Linux. `--update` writes not-yet.json anew for what was run.
 */
import { writeFileSync } from 'node:fs';
import { type Behaviour, behaveAlike, NOT_YET, readExecutable, readExpected, readNotYet, runHere } from './programs.ts';

const words = process.argv.slice(2);
const update = words.includes('--update');
const prefixes = words.filter((word) => !word.startsWith('--'));

const firstDifference = (here: Behaviour, linux: Behaviour): string => {
  const at = linux.lines.findIndex((line, i) => line !== here.lines[i]);
  if (at < 0) return `ends with ${here.ending}, on Linux with ${linux.ending}`;
  return `${here.lines[at] ? `prints "${here.lines[at]}"` : `ends with ${here.ending}`}, on Linux "${linux.lines[at]}"`;
};

const executable = readExecutable();
const { programs } = readExpected();
const notYet = Object.fromEntries(Object.entries(readNotYet()).filter(([name]) => name in programs));
const names = Object.keys(programs).filter((name) => prefixes.length === 0 || prefixes.some((p) => name.startsWith(p)));
let passed = 0;
for (const name of names) {
  let reason: string | undefined;
  try {
    const here = await runHere(executable, [name], 5);
    if (!behaveAlike(here, programs[name])) {
      const unknown = here.diagnostics.filter((line) => /not there/.test(line));
      reason = [firstDifference(here, programs[name]), ...unknown].join('; ');
    }
  } catch (error) {
    reason = `throws ${error}`;
  }
  if (reason === undefined) {
    passed++;
    delete notYet[name];
  } else {
    notYet[name] = reason;
    console.log(`${name}: ${reason}`);
  }
}
console.log(`${passed} of ${names.length} pass`);
const sorted = Object.fromEntries(Object.entries(notYet).sort(([a], [b]) => (a < b ? -1 : 1)));
if (update) writeFileSync(NOT_YET, JSON.stringify(sorted, null, 2) + '\n');
