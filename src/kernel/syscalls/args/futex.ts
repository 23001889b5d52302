/** Arguments of futex(2): which there are depends on the operation. */
import {
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_CLOCK_REALTIME,
  FUTEX_CMP_NAMES,
  FUTEX_CMP_REQUEUE,
  FUTEX_CMP_REQUEUE_PI,
  FUTEX_LOCK_PI,
  FUTEX_LOCK_PI2,
  FUTEX_NAMES,
  FUTEX_OP_NAMES,
  FUTEX_PRIVATE_FLAG,
  FUTEX_REQUEUE,
  FUTEX_TRYLOCK_PI,
  FUTEX_UNLOCK_PI,
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_WAIT_REQUEUE_PI,
  FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
  FUTEX_WAKE_OP,
} from '../../../abi/futex.ts';
import { hex } from '../../../base/ints.ts';
import type { CallView } from '../define.ts';
import { u32 } from './kind.ts';
import { pointer, zeroOrHex } from './text.ts';
import { timespecText } from './time.ts';

export const futexOperation = u32(operationText);

function operationText(operation: number): string {
  const command = operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
  const name = FUTEX_NAMES[command];
  const isReal = (operation & FUTEX_CLOCK_REALTIME) !== 0;
  const takesClock = [FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2].includes(command);
  if (name === undefined || (isReal && !takesClock)) return `${hex(operation)} /* FUTEX_??? */`;
  return `${name}${operation & FUTEX_PRIVATE_FLAG ? '_PRIVATE' : ''}${isReal ? '|FUTEX_CLOCK_REALTIME' : ''}`;
}

interface Args {
  readonly address: bigint;
  readonly operation: number;
  readonly value: number;
  readonly timeout: bigint;
  readonly address2: bigint;
  readonly value3: number;
}

const bitsetText = (bits: number): string =>
  bits === FUTEX_BITSET_MATCH_ANY ? 'FUTEX_BITSET_MATCH_ANY' : zeroOrHex(bits);

export function futexText({ address, operation, value, timeout, address2, value3 }: Args, { peek }: CallView): string {
  const start = `${pointer(address)}, ${operationText(operation)}`;
  const bytes = timeout === 0n ? undefined : peek(timeout, 16);
  const time = bytes === undefined ? pointer(timeout) : timespecText(bytes);
  const value2 = timeout & 0xffff_ffffn;
  switch (operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)) {
    case FUTEX_WAIT:
      return `${start}, ${value}, ${time}`;
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
      return `${start}, ${time}`;
    case FUTEX_WAIT_BITSET:
      return `${start}, ${value}, ${time}, ${bitsetText(value3)}`;
    case FUTEX_WAKE_BITSET:
      return `${start}, ${value}, ${bitsetText(value3)}`;
    case FUTEX_WAKE:
    case 2:
      return `${start}, ${value}`;
    case FUTEX_REQUEUE:
      return `${start}, ${value}, ${value2}, ${pointer(address2)}`;
    case FUTEX_CMP_REQUEUE:
    case FUTEX_CMP_REQUEUE_PI:
      return `${start}, ${value}, ${value2}, ${pointer(address2)}, ${value3}`;
    case FUTEX_WAKE_OP:
      return `${start}, ${value}, ${value2}, ${pointer(address2)}, ${wakeOpText(value3)}`;
    case FUTEX_WAIT_REQUEUE_PI:
      return `${start}, ${value}, ${time}, ${pointer(address2)}`;
    case FUTEX_UNLOCK_PI:
    case FUTEX_TRYLOCK_PI:
      return start;
    default:
      return `${start}, ${value}, ${pointer(timeout)}, ${pointer(address2)}, ${zeroOrHex(value3)}`;
  }
}

function wakeOpText(code: number): string {
  const operation = (code >>> 28) & 7;
  const comparison = (code >>> 24) & 15;
  const shift = code >= 0x8000_0000 ? 'FUTEX_OP_OPARG_SHIFT<<28|' : '';
  const name = FUTEX_OP_NAMES[operation] ?? `${hex(operation)} /* FUTEX_OP_??? */`;
  const compared = FUTEX_CMP_NAMES[comparison] ?? `${hex(comparison)} /* FUTEX_OP_CMP_??? */`;
  return `${shift}${name}<<28|${zeroOrHex((code >>> 12) & 0xfff)}<<12|${compared}<<24|${zeroOrHex(code & 0xfff)}`;
}
