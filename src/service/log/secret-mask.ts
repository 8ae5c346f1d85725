import type { Secret } from '#core/secret.ts';

/** Shorter values would blot out ordinary words, and a reader could tell them from the gaps. */
const shortestMasked = 4;

/** Knows the secrets of this process and takes them out of every line that leaves it. */
export class SecretMask {
  readonly #forms = new Set<string>();

  /** Every written form, and each of them inside JSON, and inside JSON inside JSON. */
  add(secret: Secret): void {
    const value = secret.reveal();
    if (value.length < shortestMasked) return;
    for (const form of [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString('base64'),
      ...xmlForms(value),
    ])
      for (const written of [form, inJson(form), inJson(inJson(form))]) this.#forms.add(written);
  }

  apply(text: string): string {
    // Longest first: one secret may be the beginning of another.
    const forms = [...this.#forms].toSorted((a, b) => b.length - a.length);
    return forms.reduce((masked, form) => masked.replaceAll(form, '[secret]'), text);
  }
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Writers of XML differ in what they escape beyond & and <. */
function xmlForms(value: string): string[] {
  const least = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const more = least.replaceAll('>', '&gt;');
  const quoted = more.replaceAll('"', '&quot;');
  return [least, more, quoted, quoted.replaceAll("'", '&apos;')];
}
