/** What programs.json, beside the page, says of each program that comes with it (asm/catalogue.ts makes it). */
export interface CatalogueEntry {
  /** File name in fixtures/. */
  readonly name: string;
  /** `Shared memory demo`. */
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  /** What the source says after `Lesson:`; empty where it says nothing. */
  readonly lesson: string;
  /** Paths below asm/: the source, then what it includes. */
  readonly sources: readonly string[];
  readonly args: readonly string[];
  /** What ld is told besides. */
  readonly linkOptions: readonly string[];
}
