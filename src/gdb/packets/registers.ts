/** Registers: all at once, or one by its number in the target description. */
import { UsageError } from '../../base/invariant.ts';
import { bytesOfHex, numberOfHex, splitAt, valueOfBytes } from '../bytes.ts';
import { bytesOf, REGISTERS, type Register, readAllRegisters, readRegister } from '../registers.ts';
import type { Session } from '../session.ts';
import { FAILED, OK, type Packet, packet } from './define.ts';

const find = (number: number): Register => {
  const register = REGISTERS[number];
  if (register === undefined) throw new UsageError('no such register');
  return register;
};

/** Writes those that change; a part that cannot be written must stay as it is. */
function write(session: Session, values: readonly (readonly [Register, bigint])[]): string {
  const task = session.task();
  const changed = values.filter(([register, value]) => {
    const now = readRegister(task, register);
    return now === undefined || valueOfBytes(bytesOfHex(now)) !== value;
  });
  const refused = session.debuggee.changeRegisters(task, changed);
  return refused === undefined ? OK : session.refuse(refused);
}

export const REGISTER_PACKETS: readonly Packet[] = [
  packet({ name: 'g', run: (session) => readAllRegisters(session.task()) ?? FAILED }),
  packet({
    name: 'G',
    run(session, args) {
      const bytes = bytesOfHex(args);
      const values: [Register, bigint][] = [];
      let at = 0;
      for (const register of REGISTERS) {
        const part = bytes.subarray(at, (at += bytesOf(register)));
        if (part.length < bytesOf(register)) break;
        values.push([register, valueOfBytes(part)]);
      }
      if (at !== bytes.length) throw new UsageError('not the bytes of all registers');
      return write(session, values);
    },
  }),
  packet({ name: 'p', run: (session, args) => readRegister(session.task(), find(numberOfHex(args))) ?? FAILED }),
  packet({
    name: 'P',
    run(session, args) {
      const [number, value] = splitAt(args, '=');
      const register = find(numberOfHex(number));
      const bytes = bytesOfHex(value ?? '');
      if (bytes.length !== bytesOf(register)) throw new UsageError('not as long as the register');
      return write(session, [[register, valueOfBytes(bytes)]]);
    },
  }),
];
