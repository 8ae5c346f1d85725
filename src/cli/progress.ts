import type { TaskDisk } from '#core/run.ts';

import { bytesText, durationText, rateText } from './format.ts';
import { printable } from './output.ts';

const barWidth = 24;
const plainEveryMs = 10_000;
/** Rates over the last seconds: what is happening now, without the jitter of single reports. */
const rateWindowMs = 5000;

export interface ProgressOptions {
  readonly err: { write(text: string): unknown };
  readonly live: boolean;
  readonly columns: number;
  readonly now: () => number;
}

interface Row {
  readonly name: string;
  disk: TaskDisk;
  readonly samples: { readonly atMs: number; readonly bytes: number }[];
}

/** One bar a disk, redrawn on a terminal; a line now and then elsewhere. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #rows = new Map<string, Row>();
  #drawn = 0;
  #plainAtMs: number;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#plainAtMs = options.now();
  }

  update(subject: string, disk: TaskDisk): void {
    const now = this.#options.now();
    const key = `${subject}\u0000${disk.label}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { name: `${subject} ${disk.label}`, disk, samples: [] };
      this.#rows.set(key, row);
    }
    // Another phase counts from its own start.
    if (row.disk.phase !== disk.phase) row.samples.length = 0;
    row.disk = disk;
    row.samples.push({ atMs: now, bytes: disk.doneBytes });
    while (row.samples.length > 2 && row.samples[0]!.atMs < now - rateWindowMs) row.samples.shift();
    if (this.#options.live) this.#draw();
    else if (now - this.#plainAtMs >= plainEveryMs) {
      this.#plainAtMs = now;
      for (const each of this.#rows.values()) this.#options.err.write(`${plainLine(each)}\n`);
    }
  }

  /** A line that stays, above the bars. */
  say(text: string): void {
    this.#erase();
    this.#options.err.write(`${printable(text)}\n`);
    this.#draw();
  }

  /** Takes the bars away. */
  end(): void {
    this.#erase();
    this.#rows.clear();
  }

  #erase(): void {
    if (this.#drawn > 0) this.#options.err.write(`\u001b[${this.#drawn}A\r\u001b[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.#options.live) return;
    this.#erase();
    for (const row of this.#rows.values()) {
      this.#options.err.write(`${barLine(row, this.#options.columns)}\n`);
      this.#drawn++;
    }
  }
}

function barLine(row: Row, columns: number): string {
  const { disk } = row;
  const share = disk.totalBytes === 0 ? 1 : Math.min(1, disk.doneBytes / disk.totalBytes);
  const full = Math.round(share * barWidth);
  const bar = `${'━'.repeat(full)}${'╌'.repeat(barWidth - full)}`;
  const line = `  ${printable(row.name)}  ${bar} ${plainFacts(row, share)}`;
  return line.length > columns ? line.slice(0, columns - 1) : line;
}

function plainLine(row: Row): string {
  const { doneBytes, totalBytes } = row.disk;
  return `${printable(row.name)}: ${plainFacts(row, totalBytes === 0 ? 1 : doneBytes / totalBytes)}`;
}

function plainFacts(row: Row, share: number): string {
  const { disk } = row;
  const rate = rateOf(row);
  const left =
    rate > 0 && share < 1
      ? `, ${durationText(((disk.totalBytes - disk.doneBytes) / rate) * 1000)} left`
      : '';
  const percent = `${Math.floor(Math.min(1, share) * 100)}%`.padStart(4);
  const phase = disk.phase === 'copying' ? '' : ` ${disk.phase}`;
  const way = disk.transport === undefined ? '' : ` ${disk.transport}`;
  return `${percent} of ${bytesText(disk.totalBytes)}${rate > 0 ? `, ${rateText(rate)}` : ''}${left}${way}${phase}`;
}

function rateOf({ samples }: Row): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
  return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
}
