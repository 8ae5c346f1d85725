import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** The last lines of a child's output, for the error when it dies. */
export class LogTail {
  readonly #lines: string[] = [];
  readonly #max: number;

  constructor(max = 20) {
    this.#max = max;
  }

  /** Reads `stream` to its end, a line at a time. */
  follow(stream: Readable, onLine: (line: string) => void): void {
    const lines = createInterface({ input: stream, crlfDelay: Infinity });
    lines.on('line', (line) => {
      this.add(line);
      onLine(line);
    });
    stream.on('error', () => lines.close());
  }

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > this.#max) this.#lines.shift();
  }

  lines(): readonly string[] {
    return [...this.#lines];
  }
}
