/** who-wrote: which instruction of which process has written a byte last, through whatever mapping. */
import { hex } from '../../base/ints.ts';
import { evaluateAddress } from '../expression/evaluate.ts';
import { instructionAt } from '../inspect/disassembly.ts';
import { command } from './define.ts';
import { type Output, say } from './output.ts';
import { text } from './params.ts';
import { placeOf } from './places.ts';
import { describeInstruction } from './text.ts';
import { describeWhere } from './text-places.ts';

export const whoWrote = command({
  name: 'who-wrote',
  aliases: ['ww'],
  group: 'history',
  params: text('address', 'expression'),
  usage: 'ADDRESS',
  help: 'Tell who has written the byte at an address last: process, instruction, moment. Through the frame, so any process counts.',
  async run(session, { text: expression }): Promise<Output[]> {
    const { engine, task } = session;
    const address = evaluateAddress(expression, session.scope());
    const { pid } = task;
    const writer = await engine.whoWrote({ pid, address });
    engine.task = task;
    if (writer === undefined) return [say(`Nobody has written ${hex(address)} since the run began.`)];
    const { position, rip, by, before, after, event } = writer;
    const who = engine.machine.kernel.findTask(writer.tid);
    const place = who?.hasMemory() ? describeWhere(placeOf(session, who, rip)) : hex(rip);
    const code = who?.hasMemory() ? instructionAt(who, rip) : undefined;
    return [
      say(
        `process ${writer.pid}${writer.tid === writer.pid ? '' : `, thread ${writer.tid}`}, ${by === 'kernel' ? 'the kernel in a system call' : 'its own store'}: ${place}`,
      ),
      ...(code === undefined ? [] : [say(`  ${hex(code.address)}  ${describeInstruction(code)}`)]),
      say(
        `  instruction ${position.instruction}${event === undefined ? '' : `, after event ${event.number} (${event.text})`}`,
      ),
      say(`  the byte was ${hex(before, 2)}, and became ${hex(after, 2)}; goto ${position.instruction} leads there`),
    ];
  },
});
