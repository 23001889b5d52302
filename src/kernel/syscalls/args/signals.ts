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
export const outSigset = outStruct(SIGSET_BYTES, sigsetText);

export function sigsetText(bytes: Uint8Array): string {
  return signalSetText(viewOf(bytes).getBigUint64(0, true));
}
