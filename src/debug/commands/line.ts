/** info line: the addresses of a source line, or the line of an address. */
import { UsageError } from '../../base/invariant.ts';
import { describeAddress } from '../expression/format.ts';
import { lineAt } from '../inspect/modules.ts';
import { command } from './define.ts';
import { resolveLocation } from './locations.ts';
import { say } from './output.ts';
import { text } from './params.ts';

export const infoLine = command({
  name: 'info line',
  group: 'code',
  params: text(undefined, 'location'),
  usage: '[LOCATION]',
  help: 'Show from where to where the code of a source line goes.',
  run(session, { text: given }) {
    const { address } = resolveLocation(session, given, false);
    const found = lineAt(session.task, address);
    if (found === undefined) throw new UsageError(noLine(given, describeAddress(address, session.scope())));
    const scope = session.scope();
    const { line, file, start, end } = found;
    const [from, to] = [describeAddress(start, scope), describeAddress(end, scope)];
    return [say(`Line ${line} of "${file.name}" starts at address ${from} and ends at ${to}.`)];
  },
});

const noLine = (given: string, address: string): string =>
  `No line number information available${given === '' ? '.' : ` for address ${address}`}`;
