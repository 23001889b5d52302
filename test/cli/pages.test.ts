/** The drawing alone, from made-up events: pictures of real runs are in page-story.test.ts. */
import { describe, expect, test } from 'vitest';
import type { Pfn } from '../../src/base/ints.ts';
import type { FrameView, PageEvent, PageWalk } from '../../src/debug/page-events.ts';
import { makePte, PTE_A, PTE_COW, PTE_D, PTE_NX, PTE_P, PTE_RW, PTE_US } from '../../src/mem/pte.ts';
import { drawPageEvent } from '../../src/story/pages.ts';

const TABLE = PTE_P | PTE_RW | PTE_US | PTE_A;
const pfn = (n: number) => n as Pfn;

function walkTo(pid: number, root: number, frame: number, flags: bigint): PageWalk {
  const step = (level: 'PML4' | 'PDPT' | 'PD' | 'PT', i: number, index: number, entry: bigint) => ({
    level,
    table: pfn(root + i),
    index,
    entry,
  });
  return {
    pid,
    cr3: root * 4096,
    area: 'rw-s shared, anonymous',
    steps: [
      step('PML4', 0, 255, makePte(pfn(root + 1), TABLE)),
      step('PDPT', 1, 511, makePte(pfn(root + 2), TABLE)),
      step('PD', 2, 447, makePte(pfn(root + 3), TABLE)),
      step('PT', 3, 510, makePte(pfn(frame), flags)),
    ],
    pfn: pfn(frame),
  };
}

const frame = (n: number, mappings: number, note: string): FrameView => ({
  pfn: pfn(n),
  mappings,
  note,
  offset: 0,
  bytes: [0xbe, 0xba, 0xfe, 0xca, 0xef, 0xbe, 0xad, 0xde, 0, 0, 0, 0, 0, 0, 0, 0],
});

const event = (fields: Partial<PageEvent>): PageEvent => ({
  number: 4,
  instructions: 1234567,
  pid: 100,
  process: 100,
  rip: 0x401000n,
  title: 'fork() = 101',
  occasion: { kind: 'fork', call: 'fork', child: 101, memory: 'copy' },
  notes: [],
  changes: [],
  pictures: [],
  ...fields,
});

const SHARED = PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D | PTE_NX;
const sharedByTwo = event({
  pictures: [
    {
      address: 0x7ffff7ffe000n,
      detail: 'walk',
      walks: [walkTo(100, 0x212, 0x21a, SHARED), walkTo(101, 0x220, 0x21a, SHARED & ~PTE_A)],
      frames: [frame(0x21a, 2, 'shared')],
      more: 0,
    },
  ],
});

describe('drawPageEvent', () => {
  test('two walks that end in one frame, 100 columns', () => {
    expect(drawPageEvent(sharedByTwo, 100)).toMatchInlineSnapshot(`
      "== fork() = 101 ============================================ event 4, instruction 1,234,567, pid 100
         pid 100  CR3 0x00212000                           pid 101  CR3 0x00220000
       0x7ffff7ffe000 rw-s shared, anonymous             0x7ffff7ffe000 rw-s shared, anonymous
         PML4 [255] -> 0x00213000  P RW US A               PML4 [255] -> 0x00221000  P RW US A
         PDPT [511] -> 0x00214000  P RW US A               PDPT [511] -> 0x00222000  P RW US A
         PD   [447] -> 0x00215000  P RW US A               PD   [447] -> 0x00223000  P RW US A
         PT   [510] -> 0x0021a000  P RW US A D NX          PT   [510] -> 0x0021a000  P RW US - D NX
                      \\_________________________________________________/
                       frame 0x0021a000   2 mappings, shared
                       BE BA FE CA EF BE AD DE  00 00 00 00 00 00 00 00

      "
    `);
  });

  test('the same in 80 columns', () => {
    expect(drawPageEvent(sharedByTwo, 80)).toMatchInlineSnapshot(`
      "== fork() = 101 ======================== event 4, instruction 1,234,567, pid 100
         pid 100  CR3 0x00212000                 pid 101  CR3 0x00220000
       0x7ffff7ffe000 rw-s shared, anonymous   0x7ffff7ffe000 rw-s shared, anonymous
       PML4[255] 0x213000 P RW US A            PML4[255] 0x221000 P RW US A
       PDPT[511] 0x214000 P RW US A            PDPT[511] 0x222000 P RW US A
       PD  [447] 0x215000 P RW US A            PD  [447] 0x223000 P RW US A
       PT  [510] 0x21a000 P RW US A D NX       PT  [510] 0x21a000 P RW US - D NX
                      \\_______________________________________/
                  frame 0x0021a000   2 mappings, shared
                  BE BA FE CA EF BE AD DE  00 00 00 00 00 00 00 00

      "
    `);
  });

  test('two walks that end in two frames', () => {
    const cow = PTE_P | PTE_US | PTE_A | PTE_D | PTE_NX | PTE_COW;
    const broken = event({
      title: 'copy-on-write break',
      cause: { rip: 0x401093n, text: 'mov qword [0x402038], rax' },
      notes: ['frame 0x00218000: 2 -> 1 mapping'],
      changes: [{ pid: 101, address: 0x402000n, before: makePte(pfn(0x218), cow), after: makePte(pfn(0x222), SHARED) }],
      pictures: [
        {
          address: 0x402000n,
          detail: 'leaf',
          walks: [walkTo(100, 0x212, 0x218, cow), walkTo(101, 0x220, 0x222, SHARED)],
          frames: [frame(0x218, 1, 'copy on write'), { ...frame(0x222, 1, 'private'), offset: 0x30 }],
          more: 2,
        },
      ],
    });
    expect(drawPageEvent(broken, 100)).toMatchInlineSnapshot(`
      "== copy-on-write break ===================================== event 4, instruction 1,234,567, pid 100
         0x401093  mov qword [0x402038], rax
         frame 0x00218000: 2 -> 1 mapping
         pid 101  0x402000  PT entry  0x00218000 P -- US A D NX COW  ->  0x00222000 P RW US A D NX
         pid 100  CR3 0x00212000                           pid 101  CR3 0x00220000
       0x402000 rw-s shared, anonymous                   0x402000 rw-s shared, anonymous
         PT   [510] -> 0x00218000  P -- US A D NX COW      PT   [510] -> 0x00222000  P RW US A D NX
                      |                                                 |
          frame 0x00218000   1 mapping, copy on write       frame 0x00222000   1 mapping, private
          BE BA FE CA EF BE AD DE                           +0x30: BE BA FE CA EF BE AD DE
         and 2 more pages of this area likewise

      "
    `);
  });

  test('three processes: a frame below them, with who reaches it', () => {
    const picture = sharedByTwo.pictures[0];
    const three = { ...picture, walks: [...picture.walks, walkTo(102, 0x230, 0x21a, SHARED)] };
    expect(drawPageEvent(event({ pictures: [three] }), 80)).toMatchInlineSnapshot(`
      "== fork() = 101 ======================== event 4, instruction 1,234,567, pid 100
         pid 100  CR3 0x00212000                 pid 101  CR3 0x00220000
       0x7ffff7ffe000 rw-s shared, anonymous   0x7ffff7ffe000 rw-s shared, anonymous
       PML4[255] 0x213000 P RW US A            PML4[255] 0x221000 P RW US A
       PDPT[511] 0x214000 P RW US A            PDPT[511] 0x222000 P RW US A
       PD  [447] 0x215000 P RW US A            PD  [447] 0x223000 P RW US A
       PT  [510] 0x21a000 P RW US A D NX       PT  [510] 0x21a000 P RW US - D NX
         pid 102  CR3 0x00230000
       0x7ffff7ffe000 rw-s shared, anonymous
       PML4[255] 0x231000 P RW US A
       PDPT[511] 0x232000 P RW US A
       PD  [447] 0x233000 P RW US A
       PT  [510] 0x21a000 P RW US A D NX
         frame 0x0021a000   2 mappings, shared   <- pid 100, 101, 102
           BE BA FE CA EF BE AD DE  00 00 00 00 00 00 00 00

      "
    `);
  });

  test.each([80, 100, 120, 200])('nothing is wider than %i columns', (width) => {
    const lines = drawPageEvent(sharedByTwo, width).split('\n');
    expect(lines.filter((line) => line.length > width)).toEqual([]);
  });
});
