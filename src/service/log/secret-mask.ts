import type { Secret } from '#core/secret.ts';

/** Shorter values would blot out ordinary words, and a reader could tell them from the gaps. */
const shortestMasked = 4;

/** Knows the secrets of this process and takes them out of every line that leaves it. */
export class SecretMask {
  readonly #forms = new Set<string>();

  /** Every written form: as it is, in JSON, in a URL, in XML and in base64. */
  add(secret: Secret): void {
    const value = secret.reveal();
    if (value.length < shortestMasked) return;
    const xml = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    for (const form of [
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      xml,
      xml.replaceAll('"', '&quot;').replaceAll("'", '&apos;'),
      Buffer.from(value).toString('base64'),
    ])
      this.#forms.add(form);
  }

  apply(text: string): string {
    // Longest first: one secret may be the beginning of another.
    const forms = [...this.#forms].toSorted((a, b) => b.length - a.length);
    return forms.reduce((masked, form) => masked.replaceAll(form, '[secret]'), text);
  }
}
