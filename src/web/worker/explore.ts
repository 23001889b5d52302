/** A worker that runs one program under many schedules; the page has a few of them, and gives each some seeds at a time. */
import { expose } from 'comlink';
import { UsageError } from '../../base/invariant.ts';
import { ElfError, type ElfImage, parseElf } from '../../elf/image.ts';
import type { CampaignJson } from '../../explore/campaign.ts';
import { type RunPlan, runPart } from '../../explore/plan.ts';
import type { Progression } from '../../explore/seed-set.ts';

export class Explorer {
  private _plan: RunPlan | undefined;
  private _image: ElfImage | undefined;

  /** UsageError: it is no program. */
  async open(plan: RunPlan): Promise<void> {
    const image = await parseElf(plan.bytes);
    if (image instanceof ElfError) throw new UsageError(`${plan.path}: ${image.message}`);
    this._plan = plan;
    this._image = image;
  }

  async run(seeds: Progression): Promise<CampaignJson> {
    if (this._plan === undefined || this._image === undefined) throw new UsageError('no program is open');
    return await runPart(this._plan, this._image, seeds);
  }
}

expose(new Explorer());
