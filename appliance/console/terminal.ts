import type { Readable, Writable } from 'node:stream';

/** Both a VMware console and a serial line show this much. */
export const columns = 80;
export const rows = 24;

export interface Page {
  readonly title: string;
  readonly lines: readonly string[];
  readonly footer: string;
}

export interface Question {
  readonly label: string;
  /** Not shown while it is typed. */
  readonly secret?: boolean;
  /** What is there already; it can be changed. */
  readonly initial?: string;
}

/** "enter", "backspace", "escape", or the character itself. */
export type Key = string;

const reverse = '\u001B[7m';
const plain = '\u001B[0m';

/** A text screen and its keyboard; only characters that every serial line and font has. */
export class Terminal {
  readonly #output: Writable;
  readonly #keys: Key[] = [];
  #wake: (() => void) | undefined;
  #shown = '';

  constructor(input: Readable, output: Writable) {
    this.#output = output;
    input.on('data', (chunk: Buffer) => {
      this.#keys.push(...keysOf(chunk.toString('latin1')));
      this.#wake?.();
    });
  }

  /** Draws the page; `again` also when it is what is there already, as after a message of the kernel. */
  show({ title, lines, footer }: Page, again = true): void {
    const body = Array.from({ length: rows - 2 }, (_, row) => fitted(` ${lines[row] ?? ''}`));
    const text = [bar(title), ...body, bar(footer)].join('\r\n');
    if (!again && text === this.#shown) return;
    this.#shown = text;
    this.#output.write(`\u001B[2J\u001B[H${text}`);
  }

  /** The next key; undefined when none came in time. */
  async key(timeoutMs?: number): Promise<Key | undefined> {
    const end = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs;
    while (this.#keys.length === 0) {
      const left = end - performance.now();
      if (left <= 0) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = left === Infinity ? undefined : setTimeout(resolve, left);
      await promise;
      clearTimeout(timer);
    }
    return this.#keys.shift();
  }

  /** A line of text below the page; undefined when it was left with Escape. */
  async ask({ label, secret = false, initial = '' }: Question): Promise<string | undefined> {
    let text = initial;
    for (;;) {
      const shown = secret ? '*'.repeat(text.length) : text;
      this.#output.write(`\u001B[${rows - 1};1H\u001B[2K ${printable(`${label}: ${shown}`)}`);
      const key = await this.key();
      if (key === 'enter') return text;
      if (key === 'escape') return undefined;
      if (key === 'backspace') text = text.slice(0, -1);
      else if (key !== undefined && text.length < columns * 3) text += key;
    }
  }

  async confirm(question: string): Promise<boolean> {
    const answer = await this.ask({ label: `${question} Type yes to go on` });
    return answer?.trim().toLowerCase() === 'yes';
  }

  clear(): void {
    this.#shown = '';
    this.#output.write(`${plain}\u001B[2J\u001B[H`);
  }
}

// eslint-disable-next-line no-control-regex -- keys that are not characters come as escape sequences
const sequences = /\u001B(?:\[[0-9;]*[ -/]*[@-~]|O.)|[^]/g;

function keysOf(text: string): readonly Key[] {
  return [...text.matchAll(sequences)].flatMap(([part]) => {
    if (part === '\r' || part === '\n') return ['enter'];
    if (part === '\u007F' || part === '\b') return ['backspace'];
    if (part === '\u001B' || part === '\u0003') return ['escape'];
    return /^[\x20-\x7e]$/.test(part) ? [part] : [];
  });
}

function bar(text: string): string {
  return `${reverse}${fitted(` ${text}`)}${plain}`;
}

function fitted(text: string): string {
  return printable(text).slice(0, columns).padEnd(columns);
}

/** Names of VMs and errors come from elsewhere: nothing of theirs may steer the terminal. */
function printable(text: string): string {
  return text
    .replaceAll('’', "'")
    .replaceAll(/[–—]/g, '-')
    .replaceAll(/[^\x20-\x7e]/g, '?');
}

/** Long text in lines that fit. */
export function wrapped(text: string, width = columns - 2): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
