/** Arguments of calls on signals. */
import { MASK_CHANGE_NAMES, SIGSET_BYTES, signalName, signalSetText } from '../../../abi/signal.ts';
import { i32, input, outStruct, viewOf } from './kind.ts';
import { named, pointer } from './text.ts';

export const signal = i32(signalName);
export const maskChange = i32((how) => named(how, MASK_CHANGE_NAMES, 'SIG_???'));
/** Its size is another argument of the call; of a set of another size only the address is printed. */
export const inSigset = input((address, { args, peek }) => {
  const isWhole = address !== 0n && args.size === BigInt(SIGSET_BYTES);
  const bytes = isWhole ? peek(address, SIGSET_BYTES) : undefined;
  return bytes === undefined ? pointer(address) : sigsetText(bytes);
});
/** Of pselect6(2): a pointer to a set, and its size. */
export const inSigsetPair = input((address, { peek }) => {
  const pair = address === 0n ? undefined : peek(address, 16);
  if (pair === undefined) return pointer(address);
  const [set, size] = [viewOf(pair).getBigUint64(0, true), viewOf(pair).getBigUint64(8, true)];
  const bytes = set !== 0n && size === BigInt(SIGSET_BYTES) ? peek(set, SIGSET_BYTES) : undefined;
  return `{sigmask=${bytes === undefined ? pointer(set) : sigsetText(bytes)}, sigsetsize=${size}}`;
});
export const outSigset = outStruct(SIGSET_BYTES, sigsetText);

export function sigsetText(bytes: Uint8Array): string {
  return signalSetText(viewOf(bytes).getBigUint64(0, true));
}
