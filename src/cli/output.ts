import { stripVTControlCharacters } from 'node:util';

export interface OutputOptions {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown };
  readonly color: boolean;
  readonly json: boolean;
  readonly width: number;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** Everything that is printed goes through here: results to stdout, words about the work to stderr. */
export class Output {
  readonly json: boolean;
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.json = options.json;
  }

  /** A line of the result; names from elsewhere go through `printable` first. */
  line(text = ''): void {
    this.#options.out.write(`${text}\n`);
  }

  /** A remark beside the result; silent in JSON mode. */
  note(text: string): void {
    if (!this.json) this.#options.err.write(`${text}\n`);
  }

  /** The whole result as one JSON document. */
  document(value: unknown): void {
    this.#options.out.write(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  /** One JSON value a line, for streams. */
  record(value: unknown): void {
    this.#options.out.write(`${JSON.stringify(value)}\n`);
  }

  bold(text: string): string {
    return this.#paint(1, text);
  }

  good(text: string): string {
    return this.#paint(32, text);
  }

  warn(text: string): string {
    return this.#paint(33, text);
  }

  bad(text: string): string {
    return this.#paint(31, text);
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const cells = rows.map((row) => row.map(printable));
    const widths = columns.map(({ title }, i) =>
      Math.max(title.length, ...cells.map((row) => visibleLength(row[i] ?? ''))),
    );
    const layout = (row: readonly string[]): string => {
      const text = row.map((cell, i) => {
        const gap = ' '.repeat(Math.max(0, widths[i]! - visibleLength(cell)));
        return columns[i]?.align === 'right' ? gap + cell : cell + gap;
      });
      return cut(text.join('  ').trimEnd(), this.#options.width);
    };
    this.line(this.bold(layout(columns.map(({ title }) => title))));
    for (const row of cells) this.line(layout(row));
  }

  /** Names and values, aligned. */
  facts(pairs: readonly (readonly [string, string])[]): void {
    const width = Math.max(...pairs.map(([name]) => name.length));
    for (const [name, value] of pairs)
      this.line(`${this.bold(name.padEnd(width))}  ${printable(value)}`);
  }

  #paint(style: number, text: string): string {
    return this.#options.color ? `\u001b[${style}m${text}\u001b[0m` : text;
  }
}

/** Names come from guests and servers: what could move the cursor or recolour the screen is shown, not done. */
export function printable(text: string): string {
  // Our own colours (ESC [ digits m) stay.
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/\u001b(?!\[\d*m)|[\u0000-\u001a\u001c-\u001f\u007f-\u009f]/g, (char) =>
    char === '\n' ? ' ' : `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  );
}

const characters = new Intl.Segmenter();

function visible(text: string): string[] {
  return Array.from(characters.segment(stripVTControlCharacters(text)), ({ segment }) => segment);
}

function visibleLength(text: string): number {
  return visible(text).length;
}

function cut(line: string, width: number): string {
  if (visibleLength(line) <= width) return line;
  // Colours are dropped from a line that is cut: half a colour would colour the rest.
  return `${visible(line)
    .slice(0, width - 1)
    .join('')}…`;
}
