/** The `pml4` command: picks the subcommand. */
import { UsageError } from '../base/invariant.ts';
import { conclude } from './errors.ts';

async function main([command, ...words]: readonly string[]): Promise<number> {
  if (words[0] === '--help' || words[0] === '-h') return (await import('./commands/help.ts')).help(command);
  switch (command) {
    case 'run':
      return (await import('./commands/run.ts')).run(words);
    case 'debug':
      return (await import('./commands/debug.ts')).debug(words);
    case 'dap':
      return (await import('./commands/dap.ts')).dap(words);
    case 'explain':
      return (await import('./commands/explain.ts')).explain(words);
    case 'explore':
      return (await import('./commands/explore.ts')).explore(words);
    case 'gdb':
      return (await import('./commands/gdb.ts')).gdb(words);
    case 'explore-worker':
      return (await import('./explore/worker.ts')).work();
    case 'info':
      return (await import('./commands/info.ts')).info(words);
    case 'serve':
      return (await import('./commands/serve.ts')).serve(words);
    case 'help':
    case '--help':
    case '-h':
      return (await import('./commands/help.ts')).help(words[0]);
    case '--version':
    case 'version':
      return (await import('./commands/help.ts')).version();
    case undefined:
      process.stderr.write((await import('./commands/help.ts')).HELP);
      return 125;
  }
  throw new UsageError(`unknown command '${command}'; to run a program: pml4 run ${command}`);
}

const words = process.argv.slice(2);
conclude(main(words), words);
