/**
 * `pml4 run` alone, for a bundle of its own: what the other commands need would make every start slower, even where
 * nothing of it is evaluated. The launcher picks between this and main.ts.
 */
import { run } from './commands/run.ts';
import { conclude } from './errors.ts';

const words = process.argv.slice(3);
conclude(run(words), words);
