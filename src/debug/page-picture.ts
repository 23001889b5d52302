/** Reads what is to be drawn of one page: the walks of the processes concerned, and the frames they end in. */
import { PAGE_SIZE, type Pfn, type Vpn, vaddrOf, vpnOf } from '../base/ints.ts';
import type { AddressSpace } from '../kernel/mm/address-space.ts';
import { SharedAnonymous } from '../kernel/mm/backing.ts';
import { rights } from '../kernel/mm/describe.ts';
import type { Vma } from '../kernel/mm/vma.ts';
import { PTE_COW, PTE_RW, type Pte, ptePfn } from '../mem/pte.ts';
import { titleOf } from './inspect/areas.ts';
import { walkSpace } from './inspect/walk.ts';
import type { FrameView, PagePicture, PageWalk } from './page-events.ts';
import type { Process, Snapshot } from './page-snapshot.ts';

/** Bytes shown of a frame. */
export const SHOWN_BYTES = 16;

/** Parts of the program's file that lie in a range of an address space: `.data .bss`; empty for none. */
export type SectionNames = (mm: AddressSpace, start: bigint, end: bigint) => string;

export class PagePainter {
  private readonly _sections: SectionNames;
  /** Which bytes of a frame are shown, once something made them the ones that matter. */
  private readonly _offsets = new Map<Pfn, number>();

  constructor(sections: SectionNames) {
    this._sections = sections;
  }

  /** From now on the bytes around this place of the frame are shown. */
  look(pfn: Pfn, offset: number): void {
    this._offsets.set(pfn, shownFrom(offset));
  }

  picture(processes: readonly Process[], address: bigint, detail: PagePicture['detail'], now: Snapshot): PagePicture {
    const walks = processes.map((process) => this._walk(process, address));
    const frames = [...new Set(walks.flatMap(({ pfn }) => (pfn === undefined ? [] : [pfn])))];
    return { address, detail, walks, frames: frames.map((pfn) => this._frame(pfn, processes, address, now)), more: 0 };
  }

  /** `rw-s shared, anonymous`, `rw-p .data .bss`, `rw-p [stack]`. */
  describeArea(process: Process, vma: Vma): string {
    const isShared = vma.backing instanceof SharedAnonymous;
    const sections = isShared ? '' : this._sections(process.mm, vaddrOf(vma.start), vaddrOf(vma.end));
    return `${rights(vma)} ${sections || titleOf(process.mm, vma)}`;
  }

  private _walk(process: Process, address: bigint): PageWalk {
    const { pid, mm } = process;
    const { cr3, steps, pfn, vma } = walkSpace(mm, address);
    return { pid, cr3, area: vma && this.describeArea(process, vma), steps, pfn };
  }

  private _frame(pfn: Pfn, processes: readonly Process[], address: bigint, { mappings }: Snapshot): FrameView {
    const { mm } = processes[0];
    const bytes = mm.frames.bytes(pfn);
    const offset = this._offsets.get(pfn) ?? firstOffset(bytes);
    return {
      pfn,
      mappings: mappings.get(pfn) ?? 0,
      note: pfn === mm.host.zeroFrame ? 'the frame of zeros' : describeUse(pfn, processes, vpnOf(address)),
      offset,
      bytes: [...bytes.subarray(offset, offset + SHOWN_BYTES)],
    };
  }
}

/** The leaf entry of a page, in use or not there. */
export function findLeaf({ mm }: Process, vpn: Vpn): Pte | undefined {
  return mm.pageTable.entries(vpn, (vpn + 1) as Vpn)[0]?.entry;
}

function describeUse(pfn: Pfn, processes: readonly Process[], vpn: Vpn): string {
  const users = processes.filter((process) => ptePfn(findLeaf(process, vpn) ?? 0n) === pfn);
  const some = (bit: bigint): boolean => users.some((process) => (findLeaf(process, vpn) ?? 0n) & bit);
  if (users.some(({ mm }) => mm.vmas.find(vpn)?.shared)) return 'shared';
  if (some(PTE_COW)) return 'copy on write';
  return some(PTE_RW) ? 'private' : 'read-only';
}

/** Where the first bytes that are not zero stand. */
function firstOffset(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : shownFrom(first);
}

/** From the quadword that holds the byte on. */
const shownFrom = (offset: number): number => Math.min(offset - (offset % 8), PAGE_SIZE - SHOWN_BYTES);
