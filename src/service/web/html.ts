/**
 * Auto-escaping templates. Every value put into `html` is escaped unless it is itself the result of
 * `html`; there is no way to pass a raw string. Guest-controlled names are hostile input.
 */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  static join(strings: readonly string[], values: readonly HtmlValue[]): Html {
    let text = strings[0] ?? '';
    values.forEach((value, i) => {
      text += Html.#render(value) + (strings[i + 1] ?? '');
    });
    return new Html(text);
  }

  static #render(value: HtmlValue): string {
    if (value instanceof Html) return value.#text;
    if (value === null || value === undefined || value === false) return '';
    if (typeof value === 'string') return escapeHtml(value);
    if (typeof value === 'number') return String(value);
    return value.map((item) => Html.#render(item)).join('');
  }
}

export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[];

/** Attribute values must stand in double quotes; the escaping is right for text and for those. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.join(strings, values);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
