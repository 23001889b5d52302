/** Arguments of set_mempolicy(2) and its family. */
import {
  MPOL_F_NAMES,
  MPOL_MF_NAMES,
  MPOL_MODE_FLAG_NAMES,
  MPOL_MODE_FLAGS,
  MPOL_NAMES,
} from '../../../abi/mempolicy.ts';
import { hex } from '../../../base/ints.ts';
import type { CallView } from '../define.ts';
import { failed, input, output, outStruct, u32, u64, viewOf } from './kind.ts';
import { flagParts, flagsText, named, pointer } from './text.ts';

export const policyMode = u32((value) => {
  const flags = flagParts((value & MPOL_MODE_FLAGS) >>> 0, MPOL_MODE_FLAG_NAMES);
  return [named((value & ~MPOL_MODE_FLAGS) >>> 0, MPOL_NAMES, 'MPOL_???'), ...flags].join('|');
});
export const policyFlags = u64((value) => flagsText(Number(value & 0xffff_ffffn), MPOL_F_NAMES, 'MPOL_F_???'));
export const bindFlags = u32((value) => flagsText(value, MPOL_MF_NAMES, 'MPOL_MF_???'));
export const outInt = outStruct(4, (bytes) => `[${viewOf(bytes).getInt32(0, true)}]`);
/** A nodemask; its length in bits, plus one, is the next argument. */
export const inNodes = input(nodesText);
export const outNodes = output((address, call, maxNode) =>
  failed(call) ? pointer(address) : nodesText(address, call, maxNode),
);

function nodesText(address: bigint, { peek }: CallView, maxNode: bigint): string {
  if (address === 0n) return 'NULL';
  const length = maxNode > 32768n ? 0 : Math.ceil(Number(maxNode > 0n ? maxNode - 1n : 0n) / 64) * 8;
  const bytes = peek(address, length);
  if (bytes === undefined) return pointer(address);
  const words = Array.from({ length: length / 8 }, (_, i) => hex(viewOf(bytes).getBigUint64(i * 8, true), 16));
  return `[${words.join(', ')}]`;
}
